# The front door. `make` says what there is.
.PHONY: help build test verify image pictures bench drill outages mutants format demo

help: ## this list
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 12

build: ## compile and package everything, without tests
	mvn -B package -DskipTests

test: ## the fast tests, beside the sources
	mvn -B test

verify: ## everything: fast tests, the tests on the embedded broker, checks
	mvn -B verify

drill: ## 30 kills, a stall of a minute, crashes of the broker, a bad network; then what comes at the edges; SEED=N runs a seed again
	mvn -B verify -pl modules/e2e -am -Dtest=none -Dit.test=DrillIT,EdgesIT -Dsurefire.failIfNoSpecifiedTests=false -Dfailsafe.failIfNoSpecifiedTests=false -Ddrill.kills=30 -Ddrill.stall=60 -Ddrill.broker-crashes=3 -Ddrill.cuts=20 -Dedges.waiting=20000 -Dedges.pages=40 -Dedges.seconds=20 -Dedges.noise=500 -Dedges.clock=true $(if $(SEED),-Ddrill.seed=$(SEED))

outages: ## the registry silent for 5 minutes, the broker for 2, a model for 10; readers after ten kills; prints what it measures
	mvn -B verify -pl modules/e2e -am -Dtest=none -Dit.test='OutageIT,IsolationIT,ReaderWaitIT' -Dsurefire.failIfNoSpecifiedTests=false -Dfailsafe.failIfNoSpecifiedTests=false -Dfailsafe.forkCount=1 -Doutage.registry=300 -Doutage.broker=120 -Disolation.seconds=600 -Dreaders.kills=10

bench: ## every scenario beside its peers, in a short form; takes more than an hour, and two cores
	mvn -B -q package -pl modules/bench -am -DskipTests -Dspotless.check.skip
	modules/bench/bench quota --warm-up 25 --seconds 45
	modules/bench/bench open-calls --warm-up 20 --seconds 30
	modules/bench/bench open-calls --servers CLOSING,TLS,HTTP2 --open 8000 --clients SLUICE,TRANSPORT,RAW_SOCKET,LANGCHAIN4J --warm-up 20 --seconds 30
	modules/bench/bench throughput --runs 3 --journal true
	modules/bench/bench model-times --means 1000
	modules/bench/bench head-of-line --seconds 30
	modules/bench/bench latency --seconds 30
	modules/bench/bench latency --seconds 30 --journal true --rate 1800 --warm-up 150
	modules/bench/bench admission --records 400000
	modules/bench/bench restore
	modules/bench/bench compression

mutants: ## how many changes of verdict, price, prompt and quota the tests notice, at least 85 % (Maven must run on the JDK 25)
	mvn -B -pl modules/analysis -am -Pmutants process-test-classes -Dspotless.check.skip

format: ## format the sources (Maven must run on a JDK 21 or later)
	mvn -B spotless:apply

image: ## the files of the image in target/image, and a test that runs them as a container would (Linux, root)
	mvn -B package -pl modules/demo -am -DskipTests
	image/layout target/image
	mvn -B verify -pl modules/e2e -am -Dtest=none -Dit.test=ImageIT -Dsurefire.failIfNoSpecifiedTests=false -Dfailsafe.failIfNoSpecifiedTests=false -Dimage.folder="$(CURDIR)/target/image"

pictures: ## the pictures of the console in docs/images (Chromium and its driver must be installed)
	mvn -B verify -pl modules/e2e -am -Dtest=none -Dit.test=ConsoleIT -Dsurefire.failIfNoSpecifiedTests=false -Dfailsafe.failIfNoSpecifiedTests=false -Dconsole.pictures="$(CURDIR)/docs/images"

demo: ## the whole pipeline on the example pages
	./sluice demo
