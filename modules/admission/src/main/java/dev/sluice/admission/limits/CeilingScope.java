package dev.sluice.admission.limits;

/** The spending that a ceiling limits: of all analyses, or of one. */
public sealed interface CeilingScope {
    /** All analyses together. */
    record AllAnalyses() implements CeilingScope {
        @Override
        public String stored() {
            return "";
        }

        @Override
        public String description() {
            return "the budget of all users";
        }

        @Override
        public String setting() {
            return "budgets.all-users-daily-usd";
        }
    }

    /** One analysis. */
    record OneAnalysis(String name) implements CeilingScope {
        @Override
        public String stored() {
            return name;
        }

        @Override
        public String description() {
            return "the budget of all users for " + name;
        }

        @Override
        public String setting() {
            return "budgets.analyses." + name;
        }
    }

    /** The scope in store keys: the analysis's name, which is never empty, or the empty string. */
    String stored();

    /** Description of the budget, for messages. */
    String description();

    /** The configuration key that sets the ceiling. */
    String setting();

    /** The scope of a text that {@link #stored} returned. */
    static CeilingScope of(String stored) {
        return stored.isEmpty() ? new AllAnalyses() : new OneAnalysis(stored);
    }
}
