using HeartSound.Native.OnnxRuntime;
using HeartSound.Signal;

namespace HeartSound.Edge.Pipeline;

/// <summary>What the windows of an examination add up to. Not thread-safe; allocates only in the constructor.</summary>
internal sealed class Evidence(int labels)
{
    private readonly double[] _acceptedLogits = new double[labels];
    private readonly double[] _allLogits = new double[labels];
    private readonly int[] _reasons = new int[Enum.GetValues<QualityReason>().Length];
    private readonly int[] _providers = new int[Enum.GetValues<OnnxProvider>().Length];
    private double _goodUntil;
    private double _scores;

    public int Windows { get; private set; }
    public int AcceptedWindows { get; private set; }
    public double GoodSeconds { get; private set; }
    public double? Score => Windows == 0 ? null : _scores / Windows;

    /// <summary>Sums, not means, of the logits that count: those of the accepted windows, or of all when none was accepted.</summary>
    public ReadOnlySpan<double> LogitSums => AcceptedWindows > 0 ? _acceptedLogits : _allLogits;

    /// <summary>How many windows are in <see cref="LogitSums"/>.</summary>
    public int LogitWindows => AcceptedWindows > 0 ? AcceptedWindows : Windows;

    public int Count(QualityReason reason) => _reasons[(int)reason];

    /// <summary>Windows that this provider computed.</summary>
    public int Count(OnnxProvider provider) => _providers[(int)provider];

    public void Add(double startSeconds, double endSeconds, in QualityReport quality, ReadOnlySpan<float> logits, OnnxProvider provider)
    {
        Windows++;
        _providers[(int)provider]++;
        _scores += quality.Score;
        _reasons[(int)quality.Reason]++;
        for (var label = 0; label < logits.Length; label++) _allLogits[label] += logits[label];
        if (!quality.Accepted) return;

        AcceptedWindows++;
        for (var label = 0; label < logits.Length; label++) _acceptedLogits[label] += logits[label];
        GoodSeconds += endSeconds - Math.Max(startSeconds, _goodUntil);
        _goodUntil = endSeconds;
    }

    /// <summary>The reason that most rejected windows had; the first of the enum among equals, null when none was rejected.</summary>
    public QualityReason? MainRejection()
    {
        QualityReason? main = null;
        foreach (var reason in Enum.GetValues<QualityReason>())
        {
            if (reason == QualityReason.Good || Count(reason) == 0) continue;
            if (main is null || Count(reason) > Count(main.Value)) main = reason;
        }

        return main;
    }

    public void Clear()
    {
        Array.Clear(_acceptedLogits);
        Array.Clear(_allLogits);
        Array.Clear(_reasons);
        Array.Clear(_providers);
        _goodUntil = 0;
        _scores = 0;
        Windows = 0;
        AcceptedWindows = 0;
        GoodSeconds = 0;
    }
}
