using System.Diagnostics;
using System.Numerics;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace HeartSound.Benchmarks;

/// <summary>What one core of this machine does at best, measured in the same run as what is compared with it. The best of several tries: a peak is a peak.</summary>
internal sealed record MachinePeak
{
    private const int Tries = 40; // of a few milliseconds: some of them are not interrupted
    private const int Rounds = 400_000;

    /// <summary>float32 multiply-adds in the widest vectors, two operations each, in GFLOP/s.</summary>
    public required double SingleGflops { get; init; }

    /// <summary>float64 multiply-adds in <see cref="Vector{T}"/>, two operations each, in GFLOP/s: what signal code could reach.</summary>
    public required double DoubleGflops { get; init; }

    /// <summary>Reading 44 MB (the float32 weights of a ResNet18) again and again, in GB/s.</summary>
    public required double ReadGigabytes { get; init; }

    /// <summary>Copying 64 MiB, bytes read plus bytes written, in GB/s.</summary>
    public required double CopyGigabytes { get; init; }

    public static MachinePeak Measure()
    {
        var read = GC.AllocateUninitializedArray<float>(11_000_000);
        Array.Fill(read, 1f);
        var copy = GC.AllocateUninitializedArray<byte>(128 << 20);
        Array.Fill<byte>(copy, 1);
        return new MachinePeak
        {
            SingleGflops = Best(() => Single()) / 1e9,
            DoubleGflops = Best(() => Chains<double>()) / 1e9,
            ReadGigabytes = Best(() => Read(read)) / 1e9,
            CopyGigabytes = Best(() =>
            {
                copy.AsSpan(0, 64 << 20).CopyTo(copy.AsSpan(64 << 20));
                return copy.Length;
            }) / 1e9,
        };
    }

    /// <summary>How busy the machine is, for the head of a table.</summary>
    public static string Load() => $"load {File.ReadAllText("/proc/loadavg").Split(' ')[0]} on {Environment.ProcessorCount} cores, {DateTime.UtcNow:HH:mm} UTC";

    public void WriteTo(TextWriter output)
    {
        output.WriteLine($"processor: {File.ReadLines("/proc/cpuinfo").First(l => l.StartsWith("model name", StringComparison.Ordinal)).Split(':')[1].Trim()}, {Environment.ProcessorCount} cores, {RuntimeInformation.ProcessArchitecture}");
        output.WriteLine(FormattableString.Invariant($"one core, float32 multiply-add, {(Vector512.IsHardwareAccelerated ? Vector512<byte>.Count : Vector<byte>.Count) * 8} bits: {SingleGflops:0} GFLOP/s"));
        output.WriteLine(FormattableString.Invariant($"one core, float64 multiply-add, {Vector<byte>.Count * 8} bits: {DoubleGflops:0} GFLOP/s"));
        output.WriteLine(FormattableString.Invariant($"one core, reading 44 MB over and over: {ReadGigabytes:0.0} GB/s"));
        output.WriteLine(FormattableString.Invariant($"one core, copying 64 MiB (read + written): {CopyGigabytes:0.0} GB/s"));
    }

    /// <summary>Work a second of the best try; <paramref name="work"/> returns how much it did.</summary>
    private static double Best(Func<double> work)
    {
        var best = 0.0;
        for (var i = 0; i < Tries; i++)
        {
            var clock = Stopwatch.StartNew();
            var done = work();
            best = Math.Max(best, done / clock.Elapsed.TotalSeconds);
        }

        return best;
    }

    private static double Single()
    {
        if (!Vector512.IsHardwareAccelerated) return Chains<float>();
        Vector512<float> factor = Vector512.Create(0.999f), term = Vector512.Create(0.001f);
        Vector512<float> a = term, b = term, c = term, d = term, e = term, f = term, g = term, h = term, i = term, j = term;
        for (var round = 0; round < Rounds; round++)
        {
            a = Vector512.FusedMultiplyAdd(a, factor, term);
            b = Vector512.FusedMultiplyAdd(b, factor, term);
            c = Vector512.FusedMultiplyAdd(c, factor, term);
            d = Vector512.FusedMultiplyAdd(d, factor, term);
            e = Vector512.FusedMultiplyAdd(e, factor, term);
            f = Vector512.FusedMultiplyAdd(f, factor, term);
            g = Vector512.FusedMultiplyAdd(g, factor, term);
            h = Vector512.FusedMultiplyAdd(h, factor, term);
            i = Vector512.FusedMultiplyAdd(i, factor, term);
            j = Vector512.FusedMultiplyAdd(j, factor, term);
        }

        Keep(Vector512.Sum(a + b + c + d + e + f + g + h + i + j));
        return 10.0 * 2 * Vector512<float>.Count * Rounds;
    }

    private static double Chains<T>() where T : unmanaged, INumber<T>
    {
        Vector<T> factor = new(T.CreateChecked(0.999)), term = new(T.CreateChecked(0.001));
        Vector<T> a = term, b = term, c = term, d = term, e = term, f = term, g = term, h = term, i = term, j = term;
        for (var round = 0; round < Rounds; round++)
        {
            a = Fused(a, factor, term);
            b = Fused(b, factor, term);
            c = Fused(c, factor, term);
            d = Fused(d, factor, term);
            e = Fused(e, factor, term);
            f = Fused(f, factor, term);
            g = Fused(g, factor, term);
            h = Fused(h, factor, term);
            i = Fused(i, factor, term);
            j = Fused(j, factor, term);
        }

        Keep(double.CreateChecked(Vector.Sum(a + b + c + d + e + f + g + h + i + j)));
        return 10.0 * 2 * Vector<T>.Count * Rounds;
    }

    private static Vector<T> Fused<T>(Vector<T> x, Vector<T> factor, Vector<T> term) where T : unmanaged =>
        typeof(T) == typeof(double)
            ? Vector.FusedMultiplyAdd(x.As<T, double>(), factor.As<T, double>(), term.As<T, double>()).As<double, T>()
            : Vector.FusedMultiplyAdd(x.As<T, float>(), factor.As<T, float>(), term.As<T, float>()).As<float, T>();

    private static double Read(float[] values)
    {
        var blocks = MemoryMarshal.Cast<float, Vector512<float>>(values);
        Vector512<float> a = default, b = default, c = default, d = default;
        for (var i = 0; i + 3 < blocks.Length; i += 4)
        {
            a += blocks[i];
            b += blocks[i + 1];
            c += blocks[i + 2];
            d += blocks[i + 3];
        }

        Keep(Vector512.Sum(a + b + c + d));
        return sizeof(float) * (double)values.Length;
    }

    /// <summary>Keeps the compiler from leaving out what nobody reads.</summary>
    private static void Keep(double value)
    {
        if (double.IsNaN(value)) Console.Error.WriteLine(value);
    }
}
