using HeartSound.Native.OnnxRuntime;

namespace HeartSound.Native.Tests.OnnxRuntime;

public sealed class TensorRtOptionSetTests
{
    private static readonly TensorRtOptions Everything = new() { EngineCacheFolder = "/engines", TimingCacheFolder = "/timing", Int8CalibrationTable = "table", CudaGraph = true };

    private const string Oldest =
        "device_id=0 trt_max_workspace_size=268435456 trt_fp16_enable=1 trt_int8_enable=1 trt_int8_calibration_table_name=table trt_engine_cache_enable=1 trt_engine_cache_path=/engines";

    [Theory]
    [InlineData(11, Oldest)]
    [InlineData(14, Oldest)]
    [InlineData(15, Oldest + " trt_timing_cache_enable=1")]
    [InlineData(16, Oldest + " trt_timing_cache_enable=1 trt_cuda_graph_enable=1")]
    [InlineData(17, Oldest + " trt_timing_cache_enable=1 trt_timing_cache_path=/timing trt_cuda_graph_enable=1")]
    [InlineData(29, Oldest + " trt_timing_cache_enable=1 trt_timing_cache_path=/timing trt_cuda_graph_enable=1")]
    public void For_Everything_IsWhatTheReleaseKnows(int apiVersion, string expected) => Assert.Equal(expected, Text(apiVersion, Everything));

    [Theory]
    [InlineData(11, "device_id=0 trt_max_workspace_size=268435456 trt_fp16_enable=1 trt_int8_enable=0 trt_engine_cache_enable=0")]
    [InlineData(17, "device_id=0 trt_max_workspace_size=268435456 trt_fp16_enable=1 trt_int8_enable=0 trt_engine_cache_enable=0 trt_timing_cache_enable=0 trt_cuda_graph_enable=0")]
    public void For_Defaults_KeepNothing(int apiVersion, string expected) => Assert.Equal(expected, Text(apiVersion, new TensorRtOptions()));

    [Fact]
    public void For_WhatCannotBe_IsRefused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => Text(11, new TensorRtOptions { WorkspaceBytes = 0 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => Text(11, new TensorRtOptions { DeviceId = -1 }));
        Assert.Throws<ArgumentException>(() => Text(11, new TensorRtOptions { Int8CalibrationTable = "table" }));
    }

    private static string Text(int apiVersion, TensorRtOptions options) => string.Join(' ', TensorRtOptionSet.For(apiVersion, options).Select(e => $"{e.Key}={e.Value}"));
}
