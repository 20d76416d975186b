using System.CommandLine;
using System.Text;
using HeartSound.Edge.Export;

namespace HeartSound.Edge.Commands;

/// <summary>Where the verdicts of an export come from: files of JSON lines, standard input, an outbox.</summary>
internal sealed class ExportSources
{
    private readonly Argument<string[]> _files = new("FILE") { Description = "Files of verdicts, a JSON object a line; '-' is standard input.", Arity = ArgumentArity.ZeroOrMore };
    private readonly Option<string?> _outbox = new("--outbox") { Description = "Folder of a device's outbox: the verdicts that wait in it. They stay there.", HelpName = "FOLDER" };

    public void AddTo(Command command)
    {
        command.Arguments.Add(_files);
        command.Options.Add(_outbox);
        command.Validators.Add(result =>
        {
            if (result.GetValue(_files) is not { Length: > 0 } && result.GetValue(_outbox) is null) result.AddError("There is nothing to read: name files of verdicts, '-' for standard input, or --outbox FOLDER.");
        });
    }

    public StoredVerdicts Read(ParseResult parsed)
    {
        var verdicts = new StoredVerdicts(Console.Error);
        foreach (var file in parsed.GetValue(_files) ?? []) Read(file, verdicts);
        if (parsed.GetValue(_outbox) is { } folder) ReadOutbox(folder, verdicts);
        return verdicts;
    }

    /// <summary>Says what there was on standard error, and with which code to end.</summary>
    public static int Answer(StoredVerdicts verdicts)
    {
        if (verdicts.Repeated > 0) Console.Error.WriteLine($"{verdicts.Repeated} came more than once, and are left out the second time.");
        if (verdicts.Count == 0) Console.Error.WriteLine("There is no verdict in it; nothing is written.");
        return verdicts.HasFaults ? ExitCode.SomeFailed : ExitCode.Ok;
    }

    private static void ReadOutbox(string folder, StoredVerdicts verdicts)
    {
        try
        {
            using var copy = new OutboxCopy(folder);
            var number = 0;
            var waiting = copy.Read(out var fault);
            foreach (var verdict in waiting) verdicts.Take(Encoding.UTF8.GetString(verdict), $"{folder}: waiting verdict {++number}");
            if (fault is not null) verdicts.Miss(folder, fault);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            verdicts.Miss(folder, e.Message);
        }
    }

    private static void Read(string file, StoredVerdicts verdicts)
    {
        try
        {
            if (file == "-")
            {
                verdicts.Read("standard input", Console.In);
                return;
            }

            using var reader = new StreamReader(file, Encoding.UTF8);
            verdicts.Read(file, reader);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            verdicts.Miss(file, e.Message);
        }
    }
}
