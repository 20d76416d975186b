using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Nodes;
using HeartSound.Edge.Settings;
using Spectre.Console;

namespace HeartSound.Edge.Commands;

/// <summary><c>settings show</c>, <c>check</c>, <c>reference</c> and <c>schema</c>: what the device is told, whether it can be, and what there is to tell.</summary>
internal static class SettingsCommand
{
    public static Command Create() => new("settings", "What a device is told: the settings in force, whether a file is fine, and what there is to set.") { Show(), Check(), Reference(), Schema() };

    private static Argument<string?> FileArgument() => new("FILE")
    {
        Description = $"The settings file; else {SettingsFile.PathVariable}, else {SettingsFile.DefaultPath} where that exists.",
        Arity = ArgumentArity.ZeroOrOne,
        DefaultValueFactory = _ => null,
    };

    private static Command Show()
    {
        var file = FileArgument();
        var json = new Option<bool>("--json") { Description = "One JSON object: file, settings, and where each came from." };
        var command = new Command("show", "The settings in force, and where each comes from.") { file, json };
        command.SetAction(parsed =>
        {
            var loaded = SettingsFile.Load(parsed.GetValue(file));
            if (parsed.GetValue(json))
            {
                Console.Out.WriteLine(JsonSerializer.Serialize(new { loaded.File, loaded.Source, loaded.Settings, loaded.Origins }, EdgeJson.Compact));
                return ExitCode.Ok;
            }

            var table = new Table().Border(TableBorder.Rounded).AddColumn("setting").AddColumn("value").AddColumn("from");
            foreach (var key in SettingsCatalog.Keys)
                table.AddRow(new Text(key.Path), new Text(SettingKey.Show(SettingsBinder.Value(loaded.Settings, key))), new Text(loaded.Origins.GetValueOrDefault(key.Path, "default")));
            Terminal.Out.Write(table);
            Console.Out.WriteLine($"From {loaded.Source}.");
            return ExitCode.Ok;
        });
        return command;
    }

    private static Command Check()
    {
        var file = FileArgument();
        var json = new Option<bool>("--json") { Description = "One JSON object: valid, and the faults." };
        var command = new Command("check", "Tries a settings file, with the environment's variables, without using it. Exit code 4 if it is no good.") { file, json };
        command.SetAction(parsed =>
        {
            try
            {
                var loaded = SettingsFile.Load(parsed.GetValue(file));
                Console.Out.WriteLine(parsed.GetValue(json) ? Answer([]) : $"{loaded.Source}: fine.");
                return ExitCode.Ok;
            }
            catch (SettingsException e) when (parsed.GetValue(json))
            {
                Console.Out.WriteLine(Answer(e.Faults));
                return ExitCode.Setup;
            }
        });
        return command;
    }

    private static string Answer(IReadOnlyList<SettingsFault> faults) => JsonSerializer.Serialize(new { valid = faults.Count == 0, faults }, EdgeJson.Compact);

    private static Command Reference() => Text("reference", "The reference page, docs/settings.md: every setting with its type, default, range and variable.", SettingsReference.Generate,
        () => JsonSerializer.Serialize(SettingsCatalog.Keys.Select(k => new
        {
            k.Path,
            k.Kind,
            k.MayBeNull,
            @default = JsonNode.Parse(SettingKey.Show(k.Default)),
            k.Minimum,
            k.Maximum,
            k.Pattern,
            choices = k.Choices.Select(c => c.Word),
            k.Description,
            k.Variable,
        }), EdgeJson.Compact));

    private static Command Schema() => Text("schema", "The JSON Schema of the settings file, deploy/settings.schema.json.", SettingsSchema.Generate, SettingsSchema.Generate);

    private static Command Text(string verb, string description, Func<string> text, Func<string> inJson)
    {
        var json = new Option<bool>("--json") { Description = "As JSON." };
        var command = new Command(verb, description) { json };
        command.SetAction(parsed =>
        {
            Console.Out.Write((parsed.GetValue(json) ? inJson() : text()).TrimEnd('\n') + "\n");
            return ExitCode.Ok;
        });
        return command;
    }
}
