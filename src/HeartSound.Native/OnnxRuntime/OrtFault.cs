using System.Runtime.InteropServices;
using System.Text.RegularExpressions;

namespace HeartSound.Native.OnnxRuntime;

/// <summary>What a status of ONNX Runtime said: its code (<c>OrtErrorCode</c>) and its text, made fit for a person.</summary>
internal sealed partial record OrtFault(int Code, string Text)
{
    public const int InvalidProtobuf = 7;

    // Texts can carry tables of operators and bytes of the damaged file; a person needs the beginning.
    private const int MaxTextLength = 300;

    /// <summary>Reads and frees <paramref name="status"/>; null when it is zero, which means success.</summary>
    public static unsafe OrtFault? Take(in OrtApi api, nint status)
    {
        if (status == 0)
            return null;
        var fault = new OrtFault(api.GetErrorCode(status), Readable(Marshal.PtrToStringUTF8((nint)api.GetErrorMessage(status)) ?? ""));
        api.ReleaseStatus(status);
        return fault;
    }

    /// <summary>Throws when <paramref name="status"/> is a failure; the message is "<paramref name="operation"/> failed: …".</summary>
    public static void Check(in OrtApi api, nint status, string operation)
    {
        if (Take(api, status) is { } fault)
            throw new OnnxRuntimeException($"{operation} failed: {fault.Text} (ONNX Runtime code {fault.Code}).");
    }

    /// <summary>One line, without ONNX Runtime's places in its own source, at most 300 characters, ending with a full stop.</summary>
    public static string Readable(string text)
    {
        text = SourcePlace().Replace(text, "");
        text = Unprintable().Replace(text, " ").Trim();
        if (text.Length > MaxTextLength)
            return text[..MaxTextLength] + "…";
        return text.EndsWith('.') ? text : text + ".";
    }

    // "/onnxruntime_src/onnxruntime/core/graph/model.cc:180 onnxruntime::Model::Model(onnx::ModelProto&&, …) " and
    // "[ONNXRuntimeError] : 1 : FAIL : "; and a beginning that says what the caller's sentence says already.
    [GeneratedRegex(@"/\S+\.(cc|h|cpp):\d+ [^()]*\([^()]*\)( const)? |\[ONNXRuntimeError\] : \d+ : \w+ : |^Failed to load model with error: ")]
    private static partial Regex SourcePlace();

    [GeneratedRegex(@"[\s\p{C}\uFFFD]+")]
    private static partial Regex Unprintable();
}
