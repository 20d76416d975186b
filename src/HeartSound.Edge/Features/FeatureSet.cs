using System.Runtime.InteropServices;
using HeartSound.Signal;

namespace HeartSound.Edge.Features;

/// <summary>The windows of many recordings, gathered for a <c>.npz</c> file. Features go to a temporary file, because a collection has gigabytes of them. Not thread-safe.</summary>
internal sealed class FeatureSet(FrontEndSpec spec, string path) : IDisposable
{
    private readonly FileStream _features = new(path + ".features.part", FileMode.Create, FileAccess.ReadWrite, FileShare.None, 1 << 20, FileOptions.DeleteOnClose);
    private readonly List<string> _files = [];
    private readonly List<string> _failed = [];
    private readonly List<int> _file = [];
    private readonly List<double> _start = [];
    private readonly List<bool> _accepted = [];
    private readonly List<float> _score = [];
    private readonly List<float> _heartRate = [];

    public int Windows => _file.Count;
    public int Recordings => _files.Count;
    public int Failures => _failed.Count;

    public void Add(RecordingFeatures recording)
    {
        if (recording.Error is not null)
        {
            _failed.Add(recording.File);
            return;
        }

        foreach (var window in recording.Windows)
        {
            _features.Write(MemoryMarshal.AsBytes(window.Features.AsSpan()));
            _file.Add(_files.Count);
            _start.Add(window.StartSeconds);
            _accepted.Add(window.Accepted);
            _score.Add(window.Score);
            _heartRate.Add(recording.HeartRateBpm);
        }

        _files.Add(recording.File);
    }

    /// <summary>Writes the file.</summary>
    public void Save()
    {
        using var npz = new NpzWriter(path);
        _features.Position = 0;
        npz.Add<float>("features", _features, Windows, spec.MelBands, spec.WindowFrames);
        npz.Add<int>("file", CollectionsMarshal.AsSpan(_file), Windows);
        npz.Add<double>("start", CollectionsMarshal.AsSpan(_start), Windows);
        npz.Add<bool>("accepted", CollectionsMarshal.AsSpan(_accepted), Windows);
        npz.Add<float>("score", CollectionsMarshal.AsSpan(_score), Windows);
        npz.Add<float>("heartRateBpm", CollectionsMarshal.AsSpan(_heartRate), Windows);
        npz.Add("files", _files);
        npz.Add("failed", _failed);
        npz.Complete();
    }

    public void Dispose() => _features.Dispose();
}
