using System.Globalization;

namespace HeartSound.Native.OnnxRuntime;

/// <summary>
/// TensorRT's options as one release of ONNX Runtime spells them. A key that a release does not know makes it refuse all of them, so none is ever sent; a switch is 1 or 0, which every
/// release reads. Source: <c>tensorrt_execution_provider_info.cc</c> of the releases.
/// </summary>
public static class TensorRtOptionSet
{
    // Release 1.x from which on a key is known; the others are of 1.11 and before.
    private const int TimingCache = 15;
    private const int CudaGraph = 16;
    private const int TimingCachePath = 17;

    /// <summary>Key and value of everything to send to a release with this API version (11 for 1.11).</summary>
    /// <exception cref="ArgumentException">An option is out of its range, or asks for a calibration table without a folder that holds it.</exception>
    public static IReadOnlyList<KeyValuePair<string, string>> For(int apiVersion, TensorRtOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentOutOfRangeException.ThrowIfNegative(options.DeviceId, nameof(options));
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(options.WorkspaceBytes, nameof(options));
        if (options is { Int8CalibrationTable: not null, EngineCacheFolder: null })
            throw new ArgumentException("A calibration table lies in the folder for engines, and there is none.", nameof(options));

        var entries = new List<KeyValuePair<string, string>>();
        void Add(string key, string value) => entries.Add(new(key, value));
        void Switch(string key, bool on) => Add(key, on ? "1" : "0");

        Add("device_id", options.DeviceId.ToString(CultureInfo.InvariantCulture));
        Add("trt_max_workspace_size", options.WorkspaceBytes.ToString(CultureInfo.InvariantCulture));
        Switch("trt_fp16_enable", options.Fp16);
        Switch("trt_int8_enable", options.Int8CalibrationTable is not null);
        if (options.Int8CalibrationTable is { } table) Add("trt_int8_calibration_table_name", table);
        Switch("trt_engine_cache_enable", options.EngineCacheFolder is not null);
        if (options.EngineCacheFolder is { } engines) Add("trt_engine_cache_path", engines);
        if (apiVersion >= TimingCache) Switch("trt_timing_cache_enable", options.TimingCacheFolder is not null);
        if (apiVersion >= TimingCachePath && options.TimingCacheFolder is { } timings) Add("trt_timing_cache_path", timings);
        if (apiVersion >= CudaGraph) Switch("trt_cuda_graph_enable", options.CudaGraph);
        return entries;
    }
}
