using HeartSound.Native.OnnxRuntime;

namespace HeartSound.Native.Tests.OnnxRuntime;

/// <summary>TensorRT and CUDA, played over real releases by tests/standins/onnxruntime.c, which refuses keys that the release does not know.</summary>
public sealed class OnnxProviderTests
{
    private static readonly byte[] Model = RepositoryFiles.Model("linear.onnx");

    /// <summary>Real releases and, over the next newer one that is here, those between.</summary>
    public static TheoryData<string, string?> Releases => new() { { "1.11.0", null }, { "1.17.3", "1.12.1" }, { "1.17.3", "1.14.1" }, { "1.17.3", "1.15.1" }, { "1.17.3", "1.16.3" }, { "1.17.3", null }, { "1.29.0", null } };

    [Theory]
    [MemberData(nameof(Releases))]
    public void Load_TensorRtWithEverything_BuildsThenLoadsTheEngine(string real, string? pretended)
    {
        using var cache = new TemporaryFolder();
        using var gpu = Gpu(real, pretended);
        var options = new TensorRtOptions { EngineCacheFolder = cache.Path, TimingCacheFolder = Path.Combine(cache.Path, "timing"), CudaGraph = true };
        Directory.CreateDirectory(options.TimingCacheFolder);
        for (var i = 0; i < 2; i++)
        {
            using var model = Load(gpu, new OnnxOptions { Providers = [OnnxProvider.TensorRt], TensorRt = options });
            Assert.Equal(OnnxProvider.TensorRt, model.Provider);
            Assert.Empty(model.ProviderNotes);
            Assert.Equal([91.5f, 4.5f], Run(model));
        }

        var log = gpu.Log;
        Assert.Equal(["tensorrt", "build", "session", "tensorrt", "load", "session"], log.Select(l => l.Split(' ')[0]));
        Assert.Equal("tensorrt " + string.Join(' ', TensorRtOptionSet.For(gpu.Library.ApiVersion, options).Select(e => $"{e.Key}={e.Value}")), log[0]);
        Assert.Single(Directory.GetFiles(cache.Path, "*.engine"));
    }

    [Theory]
    [MemberData(nameof(Releases))]
    public void Load_CudaWithEverything_RunsOnIt(string real, string? pretended)
    {
        using var gpu = Gpu(real, pretended);
        using var model = Load(gpu, new OnnxOptions { Providers = [OnnxProvider.Cuda, OnnxProvider.Cpu], Cuda = new CudaOptions { MemoryBytes = 512 << 20 } });
        Assert.Equal(OnnxProvider.Cuda, model.Provider);
        Assert.Equal([91.5f, 4.5f], Run(model));
        Assert.Equal(["cuda device_id=0 arena_extend_strategy=kSameAsRequested cudnn_conv_algo_search=HEURISTIC gpu_mem_limit=536870912", "session cuda"], gpu.Log);
    }

    [Theory]
    [InlineData("unusable", "TensorRt: cannot be loaded by ONNX Runtime 1.17.3: Failed to load library libonnxruntime_providers_tensorrt.so")]
    [InlineData("absent", "TensorRt: cannot be loaded by ONNX Runtime 1.17.3: TensorRT execution provider is not enabled in this build.")]
    [InlineData("lost", "TensorRt: cannot run linear.onnx: TensorRT EP failed: cudaErrorNoDevice")]
    [InlineData("failBuild", "TensorRt: cannot run linear.onnx: TensorRT EP failed to create engine from network")]
    public void Load_TensorRtThatCannotBeUsed_TakesTheNextAndSaysWhy(string behaviour, string expected)
    {
        using var gpu = Gpu("1.17.3");
        gpu.Play($"TENSORRT={behaviour}");
        using var model = Load(gpu, new OnnxOptions { Providers = [OnnxProvider.TensorRt, OnnxProvider.Cuda, OnnxProvider.Cpu], TensorRt = new TensorRtOptions(), Cuda = new CudaOptions() });
        Assert.Equal(OnnxProvider.Cuda, model.Provider);
        Assert.StartsWith(expected, Assert.Single(model.ProviderNotes), StringComparison.Ordinal);
        Assert.Equal([91.5f, 4.5f], Run(model));
    }

    [Fact]
    public void Load_EngineThatIsCorrupt_SaysWhichFile()
    {
        using var cache = new TemporaryFolder();
        using var gpu = Gpu("1.11.0");
        var options = new OnnxOptions { Providers = [OnnxProvider.TensorRt], TensorRt = new TensorRtOptions { EngineCacheFolder = cache.Path } };
        Load(gpu, options).Dispose();
        var engine = Assert.Single(Directory.GetFiles(cache.Path, "*.engine"));
        File.WriteAllBytes(engine, File.ReadAllBytes(engine).AsSpan(0, 5000));
        var exception = Assert.Throws<OnnxRuntimeException>(() => Load(gpu, options));
        Assert.Contains($"could not deserialize engine from cache: {engine}", exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("slightly", 91.501f, 4.501f)]
    [InlineData("wrong", 92.5f, 5.5f)]
    [InlineData("permuted", 4.5f, 91.5f)]
    [InlineData("nan", float.NaN, float.NaN)]
    public void Execute_GpuThatIsWrong_IsNotFoundOutHere(string behaviour, float first, float second)
    {
        using var gpu = Gpu("1.29.0");
        using var model = Load(gpu, new OnnxOptions { Providers = [OnnxProvider.TensorRt] });
        gpu.Play($"TENSORRT={behaviour}:after 1");
        Assert.Equal([91.5f, 4.5f], Run(model));
        Assert.Equal([first, second], Run(model));
    }

    [Theory]
    [InlineData(OnnxProvider.TensorRt, "oom", "out of memory")]
    [InlineData(OnnxProvider.TensorRt, "lost", "TensorRT EP execution context enqueue failed")]
    [InlineData(OnnxProvider.Cuda, "oom", "Failed to allocate memory for requested buffer of size 4194304")]
    [InlineData(OnnxProvider.Cuda, "lost", "CUDA failure 719: unspecified launch failure")]
    public void Execute_GpuThatFails_SaysSoUntilItIsBack(OnnxProvider provider, string behaviour, string expected)
    {
        using var gpu = Gpu("1.11.0");
        using var model = Load(gpu, new OnnxOptions { Providers = [provider] });
        gpu.Play($"{(provider == OnnxProvider.Cuda ? "CUDA" : "TENSORRT")}={behaviour}");
        var exception = Assert.Throws<OnnxRuntimeException>(() => Run(model));
        Assert.Contains(expected, exception.Message, StringComparison.Ordinal);
        gpu.Play();
        Assert.Equal([91.5f, 4.5f], Run(model));
    }

    private static StandInOnnxRuntime Gpu(string real, string? pretended = null) => new(RepositoryFiles.OnnxRuntime(real), pretended);

    private static OnnxModel Load(StandInOnnxRuntime gpu, OnnxOptions options) => OnnxModel.Load(gpu.Library, Model, "linear.onnx", options);

    private static float[] Run(OnnxModel model)
    {
        using var run = model.CreateRun();
        for (var i = 0; i < run.Input.Length; i++) run.Input[i] = i + 1;
        run.Execute();
        return run.Output.ToArray();
    }
}
