# HeartSound.Edge. `make` or `make help` says what there is; the work is done in scripts/, each of which has --help.

.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help setup build publish test rig demo bench train format clean

help: ## this list
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  make \1\t\2/p' $(firstword $(MAKEFILE_LIST)) | expand -t 16

setup: ## install whatever is missing on this machine (Debian packages, ONNX Runtime); says what first
	@scripts/setup.sh test

build: ## compile everything and leave a runnable bin/heartsound
	@scripts/setup.sh build
	@scripts/build.sh

publish: ## a signed, versioned bundle for devices in dist/ (linux-arm64); ARGS=… go to scripts/publish.sh (--key FILE, --platform, --models-only …)
	@scripts/setup.sh publish
	@scripts/publish.sh $(ARGS)

test: ## every test, C# and Python, format and shell checks; ends with `N passed, N failed`
	@scripts/test.sh

rig: ## the product in a virtual device: USB pulled, lights, button, watchdog, power cut (minutes; root); ARGS=… go to tests/rig/rig.sh
	@tests/rig/rig.sh $(ARGS)

demo: ## verdicts on recordings through a real MQTT broker; WAV=file-or-folder for your own
	@scripts/demo.sh $(if $(WAV),"$(WAV)")

bench: ## speed, beside the pipeline people use today (minutes); ARGS=… go to the benchmark program
	@scripts/setup.sh test
	@scripts/build.sh
	@dotnet run -c Release --no-build --project tests/HeartSound.Benchmarks -- $(ARGS)

train: ## train a model (PyTorch): TASK=yaseen MODEL=cnn-small, the whole way; or ARGS=… for the trainer itself
	@scripts/setup.sh test
	@scripts/build.sh
	@$(if $(TASK),scripts/train.sh $(TASK) $(MODEL),PYTHONPATH=src/HeartSound.Trainer /usr/bin/python3 -m heartsound_trainer $(if $(ARGS),$(ARGS),--help))

format: ## put the C# sources into the house's format
	@dotnet format HeartSound.Edge.sln

clean: ## remove what build and test made (not the fetched libraries in .native, not recordings)
	@rm -rf bin .cache/publish TestResults BenchmarkDotNet.Artifacts src/*/bin src/*/obj tests/*/bin tests/*/obj src/dashboard/dist
