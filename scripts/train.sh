#!/usr/bin/env bash
# Trains the model of a task, from recordings to models/<task>-<model>/: prepare, train, evaluate, report, export.
#
#   scripts/train.sh list                      the recipes that come with the trainer
#   scripts/train.sh TASK [MODEL] [OPTION…]    MODEL defaults to cnn-small; OPTIONs go to the training, such as --set train.epochs=3
#
# Recordings are looked for in ~/.cache/heartsound/data (scripts/get-data.sh tells where to get them). A run that was interrupted goes on where
# it was when started again. It learns from a CPU in minutes (cnn-small) to hours (resnet18); a CUDA device is used where there is one. Several
# processes train one network by torchrun, see src/HeartSound.Trainer/README.md.
# The network lands in runs/TASK-MODEL and, once its test part was read, in models/TASK-MODEL.
set -euo pipefail
# shellcheck source=scripts/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

configs=$root/src/HeartSound.Trainer/configs
list() { find "$configs" -maxdepth 1 -name '*.json' -printf '%f\n' | sed 's/\.json$//' | sort; }

case ${1:-} in
    -h | --help) usage; exit 0 ;;
    '') usage >&2; exit 2 ;;
    list) list; exit 0 ;;
esac
task=$1
model=${2:-cnn-small}
shift $(($# < 2 ? $# : 2))
name=$task-$model
config=$configs/$name.json
[ -f "$config" ] || die "there is no recipe '$name'. These come with the trainer: $(list | paste -sd' '). Write $config for another."

cd "$root"
export PYTHONPATH=$root/src/HeartSound.Trainer
trainer=("$python" -m heartsound_trainer)
"${trainer[@]}" prepare --config "$config"
if [ ! -f "runs/$name/calibration.json" ] || [ $# -gt 0 ]; then "${trainer[@]}" train --config "$config" --name "$name" --resume "$@"; fi
[ -f "runs/$name/metrics.json" ] || "${trainer[@]}" evaluate --name "$name" >/dev/null
"${trainer[@]}" report --name "$name"
"${trainer[@]}" export --name "$name"
