using System.Runtime.InteropServices;

namespace HeartSound.Native.OnnxRuntime;

/// <summary>What a status of ONNX Runtime said: its code (<c>OrtErrorCode</c>) and the first line of its text.</summary>
internal sealed record OrtFault(int Code, string Text)
{
    // ONNX Runtime's texts carry whole stack traces and tables of operators; a person needs the beginning.
    private const int MaxTextLength = 400;

    public const int InvalidProtobuf = 7;

    /// <summary>Reads and frees <paramref name="status"/>; null when it is zero, which means success.</summary>
    public static unsafe OrtFault? Take(in OrtApi api, nint status)
    {
        if (status == 0)
            return null;
        var code = api.GetErrorCode(status);
        var text = Marshal.PtrToStringUTF8((nint)api.GetErrorMessage(status)) ?? "";
        api.ReleaseStatus(status);
        text = text.Trim();
        var end = text.IndexOf('\n', StringComparison.Ordinal);
        if (end >= 0)
            text = text[..end].TrimEnd();
        return new OrtFault(code, text.Length > MaxTextLength ? text[..MaxTextLength] + "…" : text);
    }

    /// <summary>Throws when <paramref name="status"/> is a failure; the message is "<paramref name="operation"/> failed: …".</summary>
    public static void Check(in OrtApi api, nint status, string operation)
    {
        if (Take(api, status) is { } fault)
            throw new OnnxRuntimeException($"{operation} failed: {fault.Text} (ONNX Runtime code {fault.Code}).");
    }
}
