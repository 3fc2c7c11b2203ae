package dev.sluice.simulator;

import java.util.List;

/** Faults that an operator must fix: keys, money, models. Many providers report them with a 400. */
final class OperatorFaults {
    static final Fault.Group GROUP =
            new Fault.Group(
                    "An operator's business (not charged)",
                    List.of(
                            fault(
                                    "key-400",
                                    "400: the key is not valid, as Gemini reports it",
                                    ServerErrors.googleKey(
                                            "API key not valid. Please pass a valid API key.")),
                            fault(
                                    "key-expired-400",
                                    "400: the key has expired, as Gemini reports it",
                                    ServerErrors.googleKey(
                                            "API key expired. Please renew the API key.")),
                            fault(
                                    "key-400-xai",
                                    "400: the key is not valid, as xAI reports it, in a bare text",
                                    ErrorShape.XAI.answer(
                                            400,
                                            "",
                                            "Client specified an invalid argument",
                                            "Incorrect API key provided: si***ed. You can obtain an"
                                                    + " API key from https://console.x.ai.")),
                            fault(
                                    "key-401",
                                    "401: the key is not valid",
                                    ErrorShape.OPENAI.answer(
                                            401,
                                            "invalid_request_error",
                                            "invalid_api_key",
                                            "Incorrect API key provided")),
                            fault(
                                    "region-400",
                                    "400: the caller's country is not served, as Gemini reports it",
                                    ErrorShape.GEMINI.answer(
                                            400,
                                            "",
                                            "FAILED_PRECONDITION",
                                            "User location is not supported for the API use.")),
                            fault(
                                    "forbidden-403",
                                    "403: the project has no access to the model",
                                    ErrorShape.OPENAI.answer(
                                            403,
                                            "invalid_request_error",
                                            "model_not_found",
                                            "Project does not have access to model")),
                            fault(
                                    "model-400",
                                    "400: the model does not exist, as OpenRouter reports it",
                                    ErrorShape.OPENROUTER.answer(
                                            400, "", "", "made-up is not a valid model ID")),
                            fault(
                                    "model-400-litellm",
                                    "400: the model does not exist, as LiteLLM reports it",
                                    ErrorShape.STATUS_TEXT.answer(
                                            400,
                                            "None",
                                            "",
                                            ServerErrors.LITELLM_MODEL.formatted("made-up"))),
                            fault(
                                    "model-404",
                                    "404: the deployment does not exist, as Azure reports it",
                                    ErrorShape.AZURE.answer(
                                            404,
                                            "",
                                            "DeploymentNotFound",
                                            "The API deployment for this resource does not"
                                                    + " exist.")),
                            fault(
                                    "budget-400",
                                    "400: the gateway's budget is used up, as LiteLLM reports it",
                                    budget(400)),
                            fault(
                                    "budget-429",
                                    "429: the same from later versions of LiteLLM",
                                    budget(429)),
                            fault(
                                    "credits-400",
                                    "400: no money left, as Anthropic reports it",
                                    ErrorShape.ANTHROPIC.answer(
                                            400,
                                            "invalid_request_error",
                                            "",
                                            "Your credit balance is too low to access the Anthropic"
                                                    + " API. Please go to Plans & Billing to upgrade"
                                                    + " or purchase credits.")),
                            fault(
                                    "credits-402",
                                    "402: no money left, as DeepSeek reports it",
                                    ErrorShape.OPENAI.answer(
                                            402,
                                            "unknown_error",
                                            "invalid_request_error",
                                            "Insufficient Balance")),
                            fault(
                                    "credits-429",
                                    "429 with insufficient_quota: no money left, as at OpenAI",
                                    ErrorShape.OPENAI.answer(
                                            429,
                                            "insufficient_quota",
                                            "insufficient_quota",
                                            "You exceeded your current quota, please check your"
                                                    + " plan and billing details.")),
                            new Fault(
                                    "error-in-200-402",
                                    "200 whose body is an error of code 402: no money left",
                                    StatusFaults.errorIn200(
                                            402, "billing_error", "Insufficient credits"))));

    private OperatorFaults() {}

    private static Fault fault(String label, String description, ChatAnswer answer) {
        return new Fault(label, description, Deviation.turnsAway(answer));
    }

    private static ChatAnswer budget(int status) {
        return ErrorShape.STATUS_TEXT.answer(
                status,
                "budget_exceeded",
                "",
                "Budget has been exceeded! Current cost: 10.51, Max budget: 10.0");
    }
}
