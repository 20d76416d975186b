using System.CommandLine;
using System.Text;
using System.Text.Json;
using HeartSound.Edge.Recordings;
using HeartSound.Edge.Records;
using Spectre.Console;

namespace HeartSound.Edge.Commands;

/// <summary><c>record list</c>, <c>record decrypt</c> and <c>record new-key</c>: the examinations that a device has kept.</summary>
internal static class RecordCommand
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    public static Command Create() => new("record", "The examinations that a device has kept, encrypted.") { List(), Decrypt(), NewKey() };

    private static Option<FileInfo?> KeyFile() => new("--key-file") { Description = "File with the key (64 hexadecimal digits); else the systemd credential 'record-key'.", HelpName = "FILE" };

    private static Command List()
    {
        var folder = new Argument<string>("DIR") { Description = "Folder of the records." };
        var json = new Option<bool>("--json") { Description = "One JSON object a record." };
        var command = new Command("list", "The records of a folder, the oldest first. What it shows needs no key.") { folder, json };
        command.SetAction(parsed =>
        {
            var records = Listed(parsed.GetValue(folder)!);
            if (parsed.GetValue(json)) foreach (var r in records) Console.Out.WriteLine(JsonSerializer.Serialize(new { file = r.Path, r.Start, r.Examination, r.Bytes }, EdgeJson.Compact));
            else WriteTable(records);
            return ExitCode.Ok;
        });
        return command;
    }

    private static Command Decrypt()
    {
        var file = new Argument<string>("FILE") { Description = "The record." };
        var key = KeyFile();
        var output = new Option<string>("--out") { Description = "WAV file to write; only you may read it.", HelpName = "FILE", Required = true };
        var json = new Option<bool>("--json") { Description = "What the record says about itself, as one JSON object." };
        var command = new Command("decrypt", "Makes a WAV file of a record. One that was cut off gives what came before, and exit code 3.") { file, key, output, json };
        command.SetAction(parsed =>
        {
            var path = parsed.GetValue(file)!;
            try
            {
                using var reader = new RecordReader(path, RecordKey.Load(parsed.GetValue(key)?.FullName));
                var samples = Write(reader, parsed.GetValue(output)!);
                if (parsed.GetValue(json))
                    Console.Out.WriteLine(JsonSerializer.Serialize(new { file = path, reader.Header.Examination, reader.Header.Start, reader.Header.SampleRateHz, samples, whole = reader.Trailer is not null, trailer = reader.Trailer }, EdgeJson.Compact));
                if (reader.Trailer is { } trailer)
                {
                    if (!parsed.GetValue(json)) Console.Error.WriteLine(FormattableString.Invariant($"{path}: examination {reader.Header.Examination}, {(double)samples / reader.Header.SampleRateHz:0.0} s from {reader.Header.Start:u}, {trailer.Outcome}"));
                    return ExitCode.Ok;
                }

                Console.Error.WriteLine($"{path}: was cut off; {parsed.GetValue(output)} holds what came before.");
                return ExitCode.SomeFailed;
            }
            catch (RecordException e)
            {
                throw new SetupException(e.Message, e);
            }
        });
        return command;
    }

    private static Command NewKey()
    {
        var output = new Option<string?>("--out") { Description = "File to write it to, readable by you alone; it must not be there yet. Else standard output.", HelpName = "FILE" };
        var command = new Command("new-key", "Makes a key for records. Keep a copy where the device is not: without it no record can ever be read.") { output };
        command.SetAction(parsed =>
        {
            if (parsed.GetValue(output) is not { } file)
            {
                Console.Out.WriteLine(RecordKey.Generate());
                return ExitCode.Ok;
            }

            try
            {
                using var stream = new FileStream(file, new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = OwnerOnly });
                stream.Write(Encoding.ASCII.GetBytes(RecordKey.Generate() + "\n"));
                return ExitCode.Ok;
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                throw new SetupException($"{file}: the key cannot be written: {e.Message}", e);
            }
        });
        return command;
    }

    private static IReadOnlyList<StoredRecord> Listed(string folder)
    {
        try
        {
            return Directory.Exists(folder) ? new RecordStore(folder).List() : throw new SetupException($"{folder}: there is no such folder.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new SetupException($"{folder}: the records cannot be listed: {e.Message}", e);
        }
    }

    private static long Write(RecordReader reader, string output)
    {
        try
        {
            using var wav = new WavWriter(output, reader.Header.SampleRateHz, OwnerOnly);
            long samples = 0;
            for (var chunk = reader.ReadChunk(); chunk.Length > 0; chunk = reader.ReadChunk())
            {
                wav.Write(chunk);
                samples += chunk.Length;
            }

            wav.Complete();
            return samples;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new SetupException($"{output}: cannot be written: {e.Message}", e);
        }
    }

    private static void WriteTable(IReadOnlyList<StoredRecord> records)
    {
        var table = new Table().Border(TableBorder.Rounded).AddColumn("start (UTC)").AddColumn("examination").AddColumn(new TableColumn("size").RightAligned()).AddColumn("file");
        foreach (var r in records) table.AddRow(new Text(FormattableString.Invariant($"{r.Start:yyyy-MM-dd HH:mm:ss}")), new Text(r.Examination.ToString()), new Text(FormattableString.Invariant($"{r.Bytes / 1e6:0.0} MB")), new Text(r.Path));
        Terminal.Out.Write(table);
    }
}
