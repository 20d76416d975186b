using System.CommandLine;
using HeartSound.Edge.Commands;
using HeartSound.Edge.Inference;
using HeartSound.Edge.Inference.Engines;
using HeartSound.Edge.Settings;
using HeartSound.Native;
using HeartSound.Native.OnnxRuntime;

namespace HeartSound.Edge;

internal static class Program
{
    private static async Task<int> Main(string[] args)
    {
        var root = new RootCommand("""
            Listens to heart sounds and says normal, abnormal, or inconclusive and why.
            A research tool, not a medical device.

            Exit codes: 0 all went well; 1 unexpected error; 2 wrong command line; 3 some recordings failed, the others are done;
            4 cannot start (model, native library, settings); 5 this machine does not reproduce the model; 6 verdicts were neither
            acknowledged by the broker nor kept; 7 a call into a native library never came back, start it again; 8 the doctor, or 'health', found
            something that does not work; 130 interrupted.
            """)
        {
            RunCommand.Create(),
            ReplayCommand.Create(),
            ClassifyCommand.Create(),
            WatchCommand.Create(),
            DashboardCommand.Create(),
            FeaturesCommand.Create(),
            ModelCommand.Create(),
            EngineCommand.Create(),
            SettingsCommand.Create(),
            SimulateCommand.Create(),
            RecordCommand.Create(),
            DoctorCommand.Create(),
            HealthCommand.Create(),
            LightsCommand.Create(),
            ExportCommand.Create(),
            RetireCommand.Create(),
            FleetSimCommand.Create(),
        };

        var parsed = root.Parse(args);
        if (parsed.Errors.Count > 0)
        {
            foreach (var error in parsed.Errors) Console.Error.WriteLine(error.Message);
            Console.Error.WriteLine($"Try: heartsound {(parsed.CommandResult.Command == root ? "" : parsed.CommandResult.Command.Name + " ")}--help");
            return ExitCode.Usage;
        }

        try
        {
            return await parsed.InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = TimeSpan.FromSeconds(10) });
        }
        catch (OperationCanceledException)
        {
            return ExitCode.Interrupted;
        }
        catch (Exception e) when (e is ModelException or EngineCacheException or OnnxRuntimeException or NativeLibraryMissingException or SetupException or SettingsException)
        {
            await Console.Error.WriteLineAsync(e.Message);
            return ExitCode.Setup;
        }
        catch (IOException e) // files are answered for where they are opened; what is left is the output
        {
            await Console.Error.WriteLineAsync($"The output cannot be written: {e.Message}. What came before this is there, the rest is not: make room, and run it again.");
            return ExitCode.Setup;
        }
#pragma warning disable CA1031 // Unhandled it would abort the process, with another exit code than the documented one.
        catch (Exception e)
        {
            await Console.Error.WriteLineAsync($"An error that nobody foresaw; please report it with all of this text.\n{e}");
            return ExitCode.Unexpected;
        }
#pragma warning restore CA1031
    }
}
