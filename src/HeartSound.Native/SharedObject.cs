using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace HeartSound.Native;

/// <summary>
/// Looks at a shared object before the loader does: the loader's text for a wrong architecture is obscure, and a
/// truncated file kills the process (SIGBUS) when the missing pages are touched. Source: ELF-64, <c>elf(5)</c>.
/// </summary>
internal static class SharedObject
{
    private const int HeaderBytes = 64;
    private const int ProgramHeaderBytes = 56;
    private const int LoadSegment = 1;

    /// <summary>What is wrong with the file at <paramref name="path"/> for a process of <paramref name="wanted"/>, or null when it can be loaded.</summary>
    /// <exception cref="IOException">The file cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">The file may not be read.</exception>
    public static string? FindFault(string path, Architecture wanted)
    {
        using var file = File.OpenHandle(path);
        var length = RandomAccess.GetLength(file);
        Span<byte> header = stackalloc byte[HeaderBytes];
        if (RandomAccess.Read(file, header, 0) < HeaderBytes)
            return length == 0 ? "is empty" : $"is not a shared library (only {length} bytes)";
        if (!header.StartsWith("\u007fELF"u8))
            return "is not a shared library (it does not begin like an ELF file)";
        if (header[4] != 2 || header[5] != 1)
            return $"is not a 64-bit little-endian library, and this program runs as {Name(wanted)}";
        var machine = BinaryPrimitives.ReadUInt16LittleEndian(header[18..]);
        if (machine != MachineOf(wanted))
            return $"is built for {MachineName(machine)}, and this program runs as {Name(wanted)}";

        var programHeaders = BinaryPrimitives.ReadInt64LittleEndian(header[32..]);
        var count = BinaryPrimitives.ReadUInt16LittleEndian(header[56..]);
        Span<byte> entry = stackalloc byte[ProgramHeaderBytes];
        for (var i = 0; i < count; i++)
        {
            var position = programHeaders + ((long)i * ProgramHeaderBytes);
            if (position < 0 || position > length || RandomAccess.Read(file, entry, position) < ProgramHeaderBytes)
                return $"is truncated ({length} bytes; its program headers are missing)";
            if (BinaryPrimitives.ReadInt32LittleEndian(entry) != LoadSegment)
                continue;
            var end = BinaryPrimitives.ReadUInt64LittleEndian(entry[8..]) + BinaryPrimitives.ReadUInt64LittleEndian(entry[32..]);
            if (end > (ulong)length)
                return $"is truncated ({length} bytes of at least {end})";
        }

        return null;
    }

    // e_machine: EM_X86_64 = 62, EM_AARCH64 = 183 (elf.h).
    private static ushort MachineOf(Architecture architecture) => architecture switch
    {
        Architecture.X64 => 62,
        Architecture.Arm64 => 183,
        _ => ushort.MaxValue,
    };

    private static string MachineName(ushort machine) => machine switch
    {
        3 => "32-bit x86",
        40 => "32-bit ARM",
        62 => "x64",
        183 => "arm64",
        _ => $"another processor (ELF machine {machine})",
    };

    private static string Name(Architecture architecture) => architecture switch
    {
        Architecture.X64 => "x64",
        Architecture.Arm64 => "arm64",
        _ => architecture.ToString(),
    };
}
