package dev.sluice.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.deque.html.axecore.results.Results;
import com.deque.html.axecore.results.Rule;
import com.deque.html.axecore.selenium.AxeBuilder;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.logging.Level;
import java.util.stream.Stream;
import org.openqa.selenium.By;
import org.openqa.selenium.Keys;
import org.openqa.selenium.StaleElementReferenceException;
import org.openqa.selenium.WebElement;
import org.openqa.selenium.chrome.ChromeDriver;
import org.openqa.selenium.chrome.ChromeDriverService;
import org.openqa.selenium.chrome.ChromeOptions;
import org.openqa.selenium.logging.LogEntry;
import org.openqa.selenium.logging.LoggingPreferences;

/** Headless Chromium, as installed on this machine. */
final class Browser implements AutoCloseable {
    private static final List<String> FOLDERS = List.of("/usr/bin", "/usr/local/bin");

    /** How often something is read if the page replaces it meanwhile. */
    private static final int READS = 5;

    private final ChromeDriver driver;

    private Browser(ChromeDriver driver) {
        this.driver = driver;
    }

    /**
     * Starts Chromium.
     *
     * @param profile folder for the browser's files
     */
    static Browser start(Path profile) {
        Optional<Path> chromium = installed("chromium");
        Optional<Path> chromedriver = installed("chromedriver");
        assumeTrue(
                chromium.isPresent() && chromedriver.isPresent(),
                "SKIPPED: the console was not tried in a browser: chromium and chromium-driver"
                        + " (the packages) are not installed");
        LoggingPreferences logs = new LoggingPreferences();
        logs.enable("browser", Level.ALL);
        ChromeOptions options = new ChromeOptions();
        options.setBinary(chromium.orElseThrow().toFile());
        options.setCapability("goog:loggingPrefs", logs);
        options.addArguments(
                "--headless=new",
                // Chromium's sandbox refuses root.
                "--no-sandbox",
                "--disable-dev-shm-usage",
                "--hide-scrollbars",
                "--user-data-dir=" + profile);
        return new Browser(
                new ChromeDriver(
                        new ChromeDriverService.Builder()
                                .usingDriverExecutable(chromedriver.orElseThrow().toFile())
                                .build(),
                        options));
    }

    private static Optional<Path> installed(String command) {
        return FOLDERS.stream()
                .map(folder -> Path.of(folder, command))
                .filter(Files::isExecutable)
                .findFirst();
    }

    /** Opens a page in a window of this width. */
    void open(URI page, int width) {
        width(width);
        driver.get(page.toString());
    }

    void width(int width) {
        driver.executeCdpCommand(
                "Emulation.setDeviceMetricsOverride",
                Map.of("width", width, "height", 900, "deviceScaleFactor", 1, "mobile", false));
    }

    /** Prefers {@code light} or {@code dark} from now on. */
    void scheme(String scheme) {
        driver.executeCdpCommand(
                "Emulation.setEmulatedMedia",
                Map.of(
                        "features",
                        List.of(Map.of("name", "prefers-color-scheme", "value", scheme))));
    }

    /** The text of the element that a CSS selector finds. */
    String text(String selector) {
        return read(() -> driver.findElement(By.cssSelector(selector)).getText());
    }

    /** Reads from the page, again if the page replaces an element between two questions. */
    private static <T> T read(Supplier<T> reading) {
        for (int attempt = 1; ; attempt++) {
            try {
                return reading.get();
            } catch (StaleElementReferenceException e) {
                if (attempt == READS) {
                    throw e;
                }
            }
        }
    }

    /** An attribute of the elements that a CSS selector finds. */
    List<String> attributes(String selector, String name) {
        return read(() ->
                driver.findElements(By.cssSelector(selector)).stream()
                        .map(found -> found.getDomAttribute(name))
                        .toList());
    }

    /** The exact numbers behind the texts of the elements that a CSS selector finds. */
    List<Double> values(String selector) {
        return read(() ->
                driver.findElements(By.cssSelector(selector + " data")).stream()
                        .map(data -> Double.valueOf(data.getDomAttribute("value")))
                        .toList());
    }

    /** The exact number beside a label in the element that a CSS selector finds. */
    double value(String selector, String label) {
        By value = By.xpath(".//dt[.='" + label + "']/following-sibling::dd[1]/data");
        return read(() -> {
            List<WebElement> found =
                    driver.findElement(By.cssSelector(selector)).findElements(value);
            assertThat(found).as(label).hasSize(1);
            return Double.parseDouble(found.getFirst().getDomAttribute("value"));
        });
    }

    void click(String selector) {
        driver.findElement(By.cssSelector(selector)).click();
    }

    /** Clicks the button with this text. */
    void clickButton(String text) {
        driver.findElement(By.xpath("//button[normalize-space(.)='" + text + "']")).click();
    }

    void type(String selector, String text) {
        driver.findElement(By.cssSelector(selector)).sendKeys(text, Keys.ENTER);
    }

    /** Replaces what a field has. */
    void set(String selector, String text) {
        WebElement field = driver.findElement(By.cssSelector(selector));
        field.clear();
        field.sendKeys(text);
    }

    /** Presses a key, wherever the focus is. */
    void press(Keys key) {
        driver.switchTo().activeElement().sendKeys(key);
    }

    /** What the focused element is called: its id, its label or its text. */
    String focused() {
        WebElement focused = driver.switchTo().activeElement();
        return Stream.of("id", "aria-label")
                .map(focused::getDomAttribute)
                .filter(name -> name != null && !name.isEmpty())
                .findFirst()
                .orElseGet(focused::getText);
    }

    /** What reaches beyond the window, so that the page must be scrolled sideways. */
    @SuppressWarnings("unchecked")
    List<String> tooWide() {
        return (List<String>)
                driver.executeScript(
                        """
                        const width = document.documentElement.scrollWidth;
                        const cut = [...document.querySelectorAll('main, section, dl, article')]
                            .filter(one => one.scrollWidth > one.clientWidth + 1)
                            .map(one => `cut off: ${one.tagName}#${one.id}.${one.className}`);
                        if (width <= window.innerWidth) return cut;
                        return [`the page is ${width} wide`,
                          ...[...document.querySelectorAll('body *')]
                            .filter(one => one.getBoundingClientRect().right > window.innerWidth)
                            .map(one => `${one.tagName}#${one.id}.${one.className}`)];
                        """);
    }

    /** What axe-core finds that people with assistive technology could not use. */
    List<String> inaccessible() {
        Results results = new AxeBuilder().analyze(driver);
        assertThat(results.getPasses()).as("axe has looked").hasSizeGreaterThan(10);
        return results.getViolations().stream().map(Browser::described).toList();
    }

    private static String described(Rule rule) {
        return rule.getId()
                + ": "
                + rule.getHelp()
                + " "
                + rule.getNodes().stream().map(node -> node.getHtml()).toList();
    }

    /** What the page and the browser complained about since the last question. */
    List<String> complaints() {
        return driver.manage().logs().get("browser").getAll().stream()
                .filter(entry -> entry.getLevel().intValue() >= Level.WARNING.intValue())
                .map(LogEntry::getMessage)
                .toList();
    }

    /** A picture of the whole page. */
    void picture(Path file) throws IOException {
        Map<String, Object> picture =
                driver.executeCdpCommand(
                        "Page.captureScreenshot",
                        Map.of("format", "webp", "quality", 80, "captureBeyondViewport", true));
        Files.createDirectories(file.getParent());
        Files.write(file, Base64.getDecoder().decode(picture.get("data").toString()));
    }

    @Override
    public void close() {
        driver.quit();
    }
}
