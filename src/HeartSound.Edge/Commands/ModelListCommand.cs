using System.CommandLine;
using System.Text.Json;
using HeartSound.Edge.Inference;
using Spectre.Console;

namespace HeartSound.Edge.Commands;

/// <summary><c>model list</c>: the models of a folder.</summary>
internal static class ModelListCommand
{
    public static Command Create()
    {
        var folder = new Argument<string?>("DIR")
        {
            Description = "Folder whose folders are models; else models/ beside the program or above it.",
            Arity = ArgumentArity.ZeroOrOne,
            DefaultValueFactory = _ => null,
        };
        var json = new Option<bool>("--json") { Description = "One JSON object a model." };
        var command = new Command("list", "The models that lie at hand, each by the name that --model takes.") { folder, json };
        command.SetAction(parsed =>
        {
            var models = ModelFolder.List(parsed.GetValue(folder));
            var used = Default();
            if (parsed.GetValue(json)) WriteJson(models, used);
            else WriteTable(models, used);
            foreach (var model in models.Where(m => m.Error is not null)) Console.Error.WriteLine(model.Error);
            return models.Any(m => m.Error is not null) ? ExitCode.SomeFailed : ExitCode.Ok;
        });
        return command;
    }

    /// <summary>The model that is used when none is named; null when that is none.</summary>
    private static string? Default()
    {
        try
        {
            return ModelBundle.Locate(null);
        }
        catch (ModelException)
        {
            return null;
        }
    }

    private static void WriteJson(IReadOnlyList<ListedModel> models, string? used)
    {
        foreach (var model in models)
        {
            Console.Out.WriteLine(JsonSerializer.Serialize(new
            {
                model.Name,
                model.Manifest?.Id,
                model.Manifest?.Version,
                model.Manifest?.Task,
                model.Manifest?.Labels,
                model.Manifest?.AlarmLabels,
                model.Manifest?.Output,
                model.Manifest?.FrontEnd.WindowSeconds,
                isDefault = model.Path == used,
                model.Path,
                model.Error,
            }, EdgeJson.Compact));
        }
    }

    private static void WriteTable(IReadOnlyList<ListedModel> models, string? used)
    {
        var table = new Table().Border(TableBorder.Rounded).AddColumn("").AddColumn("model").AddColumn("version").AddColumn("task").AddColumn("labels (▲ alarm)").AddColumn(new TableColumn("window").RightAligned());
        foreach (var model in models)
        {
            var mark = new Text(model.Path == used ? "default" : "");
            if (model.Manifest is not { } manifest)
            {
                table.AddRow(mark, new Text(model.Name), Text.Empty, Text.Empty, new Markup("[red]✖ cannot be used[/]"), Text.Empty);
                continue;
            }

            var labels = string.Join(manifest.Output == ModelOutput.Sigmoid ? " + " : ", ", manifest.Labels.Select((label, i) => manifest.IsAlarm(i) ? $"▲ {label}" : label));
            table.AddRow(mark, new Text(model.Name), new Text(manifest.Version), new Text(manifest.Task), new Text(labels), new Text(FormattableString.Invariant($"{manifest.FrontEnd.WindowSeconds} s")));
        }

        Terminal.Out.Write(table);
    }
}
