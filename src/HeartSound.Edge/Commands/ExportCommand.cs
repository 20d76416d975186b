using System.CommandLine;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using HeartSound.Edge.Export;
using HeartSound.Edge.Export.Fhir;

namespace HeartSound.Edge.Commands;

/// <summary><c>export fhir</c>, <c>csv</c>, <c>json</c> and <c>code-systems</c>: stored verdicts for other programs.</summary>
internal static partial class ExportCommand
{
    public static Command Create() => new("export", "Stored verdicts for other programs: FHIR bundles, a table, JSON lines.") { Fhir(), Csv(), Json(), Codes() };

    private static Command Fhir()
    {
        var sources = new ExportSources();
        var output = ExportOutput.Option("FILE|DIR", "File to write, or a folder (one that is there, or a name that ends in '/') for a file a verdict; else standard output.");
        var format = new Option<string>("--format") { Description = "bundle: one Bundle of all; ndjson: a Bundle a verdict, each on a line.", HelpName = "bundle|ndjson", DefaultValueFactory = _ => "bundle" };
        format.AcceptOnlyFromAmong("bundle", "ndjson");
        var subject = new Option<string?>("--subject") { Description = "Who was listened to: a reference such as Patient/123 or an URL. Without it no patient is named.", HelpName = "REF" };
        subject.Validators.Add(result =>
        {
            if (result.Tokens is [var token] && !Reference().IsMatch(token.Value)) result.AddError($"--subject is '{token.Value}', must be Patient/ID, Group/ID, Device/ID, Location/ID, urn:uuid:… or an http(s) URL.");
        });
        var codeSystems = new Option<string?>("--code-systems") { Description = "JSON file with the codes to use in place of the built-in ones; 'export code-systems' prints those.", HelpName = "FILE" };
        var command = new Command("fhir", "FHIR R4: a DiagnosticReport, Observations and a Device for each verdict, in a Bundle.") { output, format, subject, codeSystems };
        sources.AddTo(command);
        command.SetAction(parsed =>
        {
            var codes = parsed.GetValue(codeSystems) is { } file ? ReadCodes(file) : CodeSystems.Default;
            var verdicts = sources.Read(parsed);
            var bundle = new FhirBundle(codes, parsed.GetValue(subject));
            var to = parsed.GetValue(output);
            if (verdicts.Count == 0) return ExportSources.Answer(verdicts);
            if (ExportOutput.IsFolder(to))
            {
                foreach (var verdict in verdicts.Messages) ExportOutput.Write(ExportOutput.In(to!, $"{verdict.Id}.json"), w => w.WriteLine(Text(bundle.Of(verdict), isLine: false)));
            }
            else if (parsed.GetValue(format) == "ndjson")
            {
                ExportOutput.Write(to, w =>
                {
                    foreach (var verdict in verdicts.Messages) w.WriteLine(Text(bundle.Of(verdict), isLine: true));
                });
            }
            else
            {
                ExportOutput.Write(to, w => w.WriteLine(Text(bundle.Of([.. verdicts.Messages]), isLine: false)));
            }

            return ExportSources.Answer(verdicts);
        });
        return command;
    }

    private static Command Csv() => Lines("csv", "A table: a row a verdict, for spreadsheets and statistics.", (verdicts, writer) => VerdictCsv.Write([.. verdicts.Messages], writer));

    private static Command Json() => Lines("json", "JSON lines, each verdict once and as it was.", (verdicts, writer) =>
    {
        foreach (var line in verdicts.Lines) writer.WriteLine(line);
    });

    private static Command Lines(string verb, string description, Action<StoredVerdicts, TextWriter> write)
    {
        var sources = new ExportSources();
        var output = ExportOutput.Option("FILE", "File to write; else standard output.");
        var command = new Command(verb, description) { output };
        sources.AddTo(command);
        command.SetAction(parsed =>
        {
            var verdicts = sources.Read(parsed);
            if (verdicts.Count > 0) ExportOutput.Write(parsed.GetValue(output), writer => write(verdicts, writer));
            return ExportSources.Answer(verdicts);
        });
        return command;
    }

    private static Command Codes()
    {
        var command = new Command("code-systems", "The codes that 'export fhir' uses, as a file that --code-systems takes.");
        command.SetAction(_ =>
        {
            Console.Out.WriteLine(CodeSystems.Default.ToJson());
            return ExitCode.Ok;
        });
        return command;
    }

    private static CodeSystems ReadCodes(string file)
    {
        try
        {
            return CodeSystems.Parse(File.ReadAllText(file, Encoding.UTF8));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or FormatException)
        {
            throw new SetupException($"{file}: no file of code systems: {e.Message}", e);
        }
    }

    private static string Text(JsonObject bundle, bool isLine) => bundle.ToJsonString(isLine ? EdgeJson.Compact : EdgeJson.Indented);

    [GeneratedRegex(@"^((Patient|Group|Device|Location)/[A-Za-z0-9.-]{1,64}|urn:uuid:[0-9a-fA-F-]{36}|https?://\S+)\z", RegexOptions.CultureInvariant)]
    private static partial Regex Reference();
}
