package dev.sluice.analysis.transport;

import org.eclipse.jetty.client.EarlyHintsProtocolHandler;
import org.eclipse.jetty.client.Request;
import org.eclipse.jetty.client.Response;
import org.eclipse.jetty.http.HttpStatus;

/** Handler that skips interim responses (100, 102, 103 and other 1xx) before the answer. */
final class InterimAnswers extends EarlyHintsProtocolHandler {
    @Override
    public String getName() {
        return "interim-answers";
    }

    @Override
    public boolean accept(Request request, Response response) {
        return HttpStatus.isInterim(response.getStatus());
    }
}
