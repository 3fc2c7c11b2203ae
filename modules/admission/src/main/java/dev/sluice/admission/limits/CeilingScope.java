package dev.sluice.admission.limits;

/** The spending that a ceiling limits. */
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

    /** The scope's text in stored keys; names of analyses are never empty. */
    String stored();

    /** Whose budget it is, for messages. */
    String description();

    /** The configuration key that sets the ceiling. */
    String setting();

    /** The scope of a stored text. */
    static CeilingScope of(String stored) {
        return stored.isEmpty() ? new AllAnalyses() : new OneAnalysis(stored);
    }
}
