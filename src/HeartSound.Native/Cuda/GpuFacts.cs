using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.RegularExpressions;

namespace HeartSound.Native.Cuda;

/// <summary>
/// What this machine's GPU and NVIDIA's libraries say of themselves, which is what an engine is good for. Null is what is not there or does not answer.
/// </summary>
public sealed partial record GpuFacts
{
    /// <summary>Release of TensorRT, such as <c>8.2.1</c>.</summary>
    public string? TensorRt { get; init; }

    /// <summary>Release of CUDA's runtime, such as <c>10.2</c>.</summary>
    public string? Cuda { get; init; }

    /// <summary>The newest CUDA that the driver can do.</summary>
    public string? Driver { get; init; }

    /// <summary>Of the GPU, such as <c>5.3</c>.</summary>
    public string? ComputeCapability { get; init; }

    /// <summary>What the driver calls the GPU.</summary>
    public string? Name { get; init; }

    /// <summary>Release of NVIDIA's Linux for Tegra, such as <c>32.7.1</c>.</summary>
    public string? L4t { get; init; }

    // CUdevice_attribute of cuda.h: CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR and _MINOR.
    private const int CapabilityMajor = 75;
    private const int CapabilityMinor = 76;

    private const string TegraRelease = "/etc/nv_tegra_release";

    /// <summary>
    /// Asks them, and never throws. It loads NVIDIA's libraries, TensorRT among them, which stay loaded – tens to hundreds of megabytes –, and opens the driver (<c>cuInit</c>). No CUDA
    /// context is made, so nothing of the GPU's memory is taken. A broken driver may hang or crash; so this is for a process that can be spared.
    /// </summary>
    /// <param name="deviceId">Which GPU; a Jetson has one.</param>
    public static GpuFacts Read(int deviceId = 0)
    {
        var (driver, capability, name) = ReadDriver(deviceId);
        return new GpuFacts { TensorRt = ReadTensorRt(), Cuda = ReadCuda(), Driver = driver, ComputeCapability = capability, Name = name, L4t = ReadL4t(TegraRelease) };
    }

    /// <summary><c>32.7.1</c> out of <c># R32 (release), REVISION: 7.1, …</c>; null where that says something else.</summary>
    public static string? L4tOf(string? release) => Release().Match(release ?? "") is { Success: true } match ? $"{match.Groups[1].Value}.{match.Groups[2].Value}" : null;

    /// <summary>What is known without touching any of them: L4T's release.</summary>
    public static GpuFacts OfSystem() => new() { L4t = ReadL4t(TegraRelease) };

    /// <summary>What a file says; null where there is none.</summary>
    internal static string? ReadL4t(string path)
    {
        try
        {
            return L4tOf(File.ReadAllText(path));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static unsafe string? ReadTensorRt()
    {
        // NV_TENSORRT_VERSION: major * 1000 + minor * 100 + patch up to 9, major * 10000 + minor * 100 + patch from 10 on (NvInferRuntimeBase.h).
        if (!TryFind(Libraries.FindAny(Libraries.TensorRt), "getInferLibVersion", out var address)) return null;
        var version = ((delegate* unmanaged[Cdecl]<int>)address)();
        if (version < 1000) return null;
        var unit = version >= 10_000 ? 10_000 : 1000;
        return FormattableString.Invariant($"{version / unit}.{version % unit / 100}.{version % 100}");
    }

    private static unsafe string? ReadCuda()
    {
        int version;
        return TryFind(Libraries.FindAny(Libraries.CudaRuntime), "cudaRuntimeGetVersion", out var address) && ((delegate* unmanaged[Cdecl]<int*, int>)address)(&version) == 0 ? CudaVersion(version) : null;
    }

    private static unsafe (string? Driver, string? Capability, string? Name) ReadDriver(int deviceId)
    {
        var library = Libraries.FindAny(Libraries.CudaDriver);
        int version, device, major, minor;
        var driver = TryFind(library, "cuDriverGetVersion", out var getVersion) && ((delegate* unmanaged[Cdecl]<int*, int>)getVersion)(&version) == 0 ? CudaVersion(version) : null;
        if (!TryFind(library, "cuInit", out var init) || !TryFind(library, "cuDeviceGet", out var get) || !TryFind(library, "cuDeviceGetAttribute", out var getAttribute)
            || !TryFind(library, "cuDeviceGetName", out var getName)
            || ((delegate* unmanaged[Cdecl]<uint, int>)init)(0) != 0 || ((delegate* unmanaged[Cdecl]<int*, int, int>)get)(&device, deviceId) != 0)
            return (driver, null, null);
        var ask = (delegate* unmanaged[Cdecl]<int*, int, int, int>)getAttribute;
        var capability = ask(&major, CapabilityMajor, device) == 0 && ask(&minor, CapabilityMinor, device) == 0 ? FormattableString.Invariant($"{major}.{minor}") : null;
        const int Length = 256;
        var text = stackalloc byte[Length];
        var name = ((delegate* unmanaged[Cdecl]<byte*, int, int, int>)getName)(text, Length, device) == 0 ? Encoding.UTF8.GetString(MemoryMarshal.CreateReadOnlySpanFromNullTerminated(text)) : null;
        return (driver, capability, name);
    }

    private static bool TryFind(nint library, string function, out nint address)
    {
        address = 0;
        return library != 0 && NativeLibrary.TryGetExport(library, function, out address);
    }

    /// <summary>10020 is 10.2; a driver that is a stub says 0.</summary>
    private static string? CudaVersion(int version) => version < 1000 ? null : string.Create(CultureInfo.InvariantCulture, $"{version / 1000}.{version % 1000 / 10}");

    [GeneratedRegex(@"^# R(\d+) \(release\), REVISION: ([\d.]+)", RegexOptions.CultureInvariant)]
    private static partial Regex Release();
}
