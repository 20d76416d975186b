using System.Globalization;
using System.Text;

namespace HeartSound.Edge.Settings;

/// <summary>The reference page of the settings, <c>docs/settings.md</c>.</summary>
internal static class SettingsReference
{
    /// <summary>The page in Markdown, generated from the options records.</summary>
    public static string Generate()
    {
        var page = new StringBuilder($$"""
            # Settings

            Made by `heartsound settings reference`; do not edit. The JSON Schema is [`deploy/settings.schema.json`](../deploy/settings.schema.json), an example
            [`deploy/settings.example.json`](../deploy/settings.example.json).

            A device is told what it must know in one JSON file; comments and trailing commas are fine. It is the one that `--settings FILE` names, else `{{SettingsFile.PathVariable}}`, else
            `{{SettingsFile.DefaultPath}}` where that exists. What the file leaves out is as the table says. An environment variable goes before the file: its value is written as in the
            file but without quotation marks, a list with commas, and nothing at all means null. Nothing about a model's front end is in here: that travels with the model.

            The program does not start with settings that it does not understand: a key that does not exist, a value of another type or out of range is an error. All errors are reported at
            once, each with its place, its value and what is allowed. `heartsound settings check FILE` tries a file, `heartsound settings show` says what is in force and why. What a running
            service does with new settings (`systemctl reload heartsound`) is in [service.md](service.md).


            """);
        foreach (var section in SettingsCatalog.Root.All.Where(s => s.Keys.Count > 0))
        {
            page.Append(CultureInfo.InvariantCulture, $"## {(section.Path.Length == 0 ? "The device" : $"`{section.Path}`")}\n\n");
            if (section.Path.Length > 0) page.Append(CultureInfo.InvariantCulture, $"{section.Description}\n\n");
            page.Append("| key | default | may be | meaning | new value in force | environment variable |\n|---|---|---|---|---|---|\n");
            foreach (var key in section.Keys) page.Append(CultureInfo.InvariantCulture, $"| `{key.Path}` | `{SettingKey.Show(key.Default)}` | {Cell(key.Allowed)} | {Cell(key.Description)} | {(SettingsReload.IsTakenWhileRunning(key.Path) ? "after a reload" : "after a restart")} | `{key.Variable}` |\n");
            page.Append('\n');
        }

        page.Append("## What settings must be to one another\n\n");
        foreach (var rule in SettingsRule.All) page.Append(CultureInfo.InvariantCulture, $"- {rule.Words}\n");
        return page.ToString();
    }

    private static string Cell(string text) => text.Replace("|", "\\|", StringComparison.Ordinal);
}
