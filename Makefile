# The front door. `make` says what there is.
.PHONY: help build test verify mutants format demo

help: ## this list
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 12

build: ## compile and package everything, without tests
	mvn -B package -DskipTests

test: ## the fast tests, beside the sources
	mvn -B test

verify: ## everything: fast tests, the tests on the embedded broker, checks
	mvn -B verify

mutants: ## how many changes of verdict, price and prompt the tests notice, at least 85 % (Maven must run on the JDK 25)
	mvn -B -pl modules/analysis -am -Pmutants process-test-classes -Dspotless.check.skip

format: ## format the sources (Maven must run on a JDK 21 or later)
	mvn -B spotless:apply

demo: ## the whole pipeline on the example pages
	./sluice demo
