using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using HeartSound.Evaluation;

// Measures signal quality, heart rate and live hints on PhysioNet/CinC 2016 as ../shared/data/unpack.sh lays it out.
const string usage = "usage: dotnet run --project tests/HeartSound.Evaluation -c Release -- quality|heartrate|hints [DATA] [--json] [--window=S] [--clip=S]\n"
    + "DATA is the unpacked data's folder (with physionet2016/records.csv); by default ~/.cache/heartsound/data.\n"
    + "--window: windows of S seconds every S/2, instead of the default spec's. --clip: of each recording only S seconds, from its middle.";

var json = args.Contains("--json");
double? Seconds(string option) => args.FirstOrDefault(a => a.StartsWith(option, StringComparison.Ordinal)) is { } told ? double.Parse(told[option.Length..], CultureInfo.InvariantCulture) : null;
if (Seconds("--window=") is { } window) Assessment.Spec = Assessment.Spec with { WindowSeconds = window, WindowHopSeconds = window / 2 };
Recording.ClipSeconds = Seconds("--clip=");
var words = args.Where(a => !a.StartsWith('-')).ToArray();
if (words.Length is 0 or > 2 || words[0] is not ("quality" or "heartrate" or "hints"))
{
    Console.Error.WriteLine(usage);
    return 2;
}

var data = words.Length == 2 ? words[1] : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".cache", "heartsound", "data");
var folder = Path.Combine(data, "physionet2016");
if (!File.Exists(Path.Combine(folder, "records.csv")))
{
    Console.Error.WriteLine($"No records.csv in {folder}. Unpack the recordings there (../shared/data/unpack.sh) or name their folder.");
    return 2;
}

var watch = Stopwatch.StartNew();
var recordings = Recording.ReadAll(folder);
var rows = words[0] switch
{
    "quality" => QualityEvaluation.Run(recordings),
    "hints" => HintEvaluation.Run(recordings),
    _ => HeartRateEvaluation.Run(recordings),
};
if (json)
{
    Console.WriteLine(JsonSerializer.Serialize(rows, JsonSerializerOptions.Web));
}
else
{
    Console.WriteLine($"{"measure",-48} {"on",-22} {"n",6} {"value",8}   95 % interval");
    foreach (var row in rows)
        Console.WriteLine(FormattableString.Invariant($"{row.Measure,-48} {row.Subset,-22} {row.Count,6} {row.Value,8:0.000}   {row.Low:0.000} – {row.High:0.000}"));
}

Console.Error.WriteLine(FormattableString.Invariant($"{recordings.Count} recordings in {watch.Elapsed.TotalSeconds:0.0} s"));
return 0;
