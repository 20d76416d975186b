using HeartSound.Native.OnnxRuntime;

namespace HeartSound.Native.Tests.OnnxRuntime;

public sealed class OnnxModelTests
{
    /// <summary>The versions that scripts/get-native.sh --all installs.</summary>
    public static TheoryData<string> Versions => new("1.11.0", "1.17.3", "1.29.0");

    [Theory]
    [MemberData(nameof(Versions))]
    public void Execute_LinearModel_GivesTheProduct(string version)
    {
        using var model = Load(version, "linear.onnx");
        using var run = model.CreateRun();
        for (var i = 0; i < 6; i++)
            run.Input[i] = i + 1;
        run.Execute();

        // W = [[1..6], [-1, 0, 1, 0, 0, 0.5]], b = [0.5, -0.5]; small whole numbers are exact in float32.
        Assert.Equal([91.5f, 4.5f], run.Output.ToArray());
    }

    [Theory]
    [MemberData(nameof(Versions))]
    public void Load_LinearModel_TellsWhatItIs(string version)
    {
        using var model = Load(version, "linear.onnx");
        Assert.Equal("""{"schema":1,"id":"linear","labels":["größer","kleiner"]}""", model.Metadata["heartsound.manifest"]);
        Assert.Equal("make_models.py", model.Metadata["author"]);
        Assert.Equal(2, model.Metadata.Count);
        Assert.Equal("input_0 Float32 [1, 1, 2, 3]", Assert.Single(model.Inputs).ToString());
        Assert.Equal("output_0 Float32 [1, 2]", Assert.Single(model.Outputs).ToString());
        Assert.Equal(OnnxProvider.Cpu, model.Provider);
        Assert.Empty(model.ProviderNotes);
        Assert.Equal(version, model.Library.Version);
    }

    [Theory]
    [MemberData(nameof(Versions))]
    public void Load_WithoutMetadata_HasNone(string version)
    {
        using var model = Load(version, "no-metadata.onnx");
        Assert.Empty(model.Metadata);
    }

    [Theory]
    [MemberData(nameof(Versions))]
    public void Execute_HalfWeights_EqualsFullWeights(string version)
    {
        using var model = Load(version, "half-weights.onnx");
        using var run = model.CreateRun();
        run.Input.Fill(1);
        run.Execute();
        Assert.Equal([21.5f, 0f], run.Output.ToArray());
    }

    [Theory]
    [MemberData(nameof(Versions))]
    public void Execute_ManyTimes_AllocatesNothing(string version)
    {
        using var model = Load(version, "convolution.onnx");
        using var run = model.CreateRun();
        Assert.Equal(0, Allocation.Of(() =>
        {
            for (var i = 0; i < 1000; i++)
            {
                run.Input[0] = i;
                run.Execute();
            }
        }));
    }

    [Theory]
    [MemberData(nameof(Versions))]
    public void Execute_ManyRunsOnManyThreads_EachGetsItsOwnResult(string version)
    {
        using var model = Load(version, "convolution.onnx");
        var expected = new float[8][];
        for (var seed = 0; seed < expected.Length; seed++)
        {
            using var run = model.CreateRun();
            expected[seed] = Execute(run, seed);
        }

        Assert.NotEqual(expected[0], expected[1]);
        var wrong = 0;
        var threads = Enumerable.Range(0, expected.Length).Select(seed => new Thread(() =>
        {
            using var run = model.CreateRun();
            for (var i = 0; i < 200; i++)
            {
                if (!Execute(run, seed).AsSpan().SequenceEqual(expected[seed]))
                    Interlocked.Increment(ref wrong);
            }
        })).ToList();
        threads.ForEach(thread => thread.Start());
        threads.ForEach(thread => thread.Join());
        Assert.Equal(0, wrong);
    }

    [Fact]
    public void Execute_AfterTheModelIsDisposed_StillRuns()
    {
        var model = Load("1.29.0", "linear.onnx");
        using var run = model.CreateRun();
        model.Dispose();
        run.Execute();
        Assert.Equal([0.5f, -0.5f], run.Output.ToArray());
    }

    [Fact]
    public void Execute_AfterDispose_Throws()
    {
        using var model = Load("1.29.0", "linear.onnx");
        var run = model.CreateRun();
        run.Dispose();
        run.Dispose();
        Assert.Throws<ObjectDisposedException>(run.Execute);
    }

    [Theory]
    [MemberData(nameof(Versions))]
    public void Load_CudaAndTensorRtPreferredWithoutThem_RunsOnCpuAndSaysWhy(string version)
    {
        using var model = Load(version, "linear.onnx", new OnnxOptions { Providers = [OnnxProvider.TensorRt, OnnxProvider.Cuda, OnnxProvider.Cpu] });
        Assert.Equal(OnnxProvider.Cpu, model.Provider);
        Assert.Collection(
            model.ProviderNotes,
            note => Assert.StartsWith("TensorRt: cannot be loaded", note, StringComparison.Ordinal),
            note => Assert.StartsWith("Cuda: cannot be loaded", note, StringComparison.Ordinal));
        Assert.All(model.ProviderNotes, note => Assert.Matches("not enabled in this build|libonnxruntime_providers_", note));
        using var run = model.CreateRun();
        run.Execute();
        Assert.Equal([0.5f, -0.5f], run.Output.ToArray());
    }

    [Fact]
    public void Load_OnlyCudaWithoutIt_Refuses()
    {
        var exception = Assert.Throws<OnnxRuntimeException>(() => Load("1.11.0", "linear.onnx", new OnnxOptions { Providers = [OnnxProvider.Cuda] }));
        Assert.Contains("linear.onnx", exception.Message, StringComparison.Ordinal);
        Assert.Contains("Cuda: cannot be loaded", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Load_NoProviders_Throws() =>
        Assert.Throws<ArgumentException>(() => Load("1.11.0", "linear.onnx", new OnnxOptions { Providers = [] }));

    private static float[] Execute(OnnxRun run, int seed)
    {
        for (var i = 0; i < run.Input.Length; i++)
            run.Input[i] = (i * (seed + 3) % 17) - 8;
        run.Execute();
        return run.Output.ToArray();
    }

    private static OnnxModel Load(string version, string name, OnnxOptions? options = null) =>
        OnnxModel.Load(OnnxRuntimeLibrary.Load(RepositoryFiles.OnnxRuntime(version)), RepositoryFiles.Model(name), name, options);
}
