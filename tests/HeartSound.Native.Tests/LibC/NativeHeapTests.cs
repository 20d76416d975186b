using System.Globalization;
using System.Runtime.InteropServices;
using HeartSound.Native.LibC;

namespace HeartSound.Native.Tests.LibC;

public sealed unsafe class NativeHeapTests
{
    /// <summary>64 MB in pieces that glibc takes from its heap, freed below one that stays: without help it keeps them all.</summary>
    [Fact]
    public void GiveBack_FreePagesBelowAPieceInUse_LeaveTheProcess()
    {
        const int pieces = 1000, pieceBytes = 64 << 10;
        var held = new nint[pieces];
        for (var i = 0; i < pieces; i++)
        {
            held[i] = (nint)NativeMemory.Alloc(pieceBytes);
            NativeMemory.Fill((void*)held[i], pieceBytes, 1);
        }

        foreach (var piece in held[..^1]) NativeMemory.Free((void*)piece);
        var before = ResidentMegabytes();

        NativeHeap.GiveBack();
        var after = ResidentMegabytes();
        NativeMemory.Free((void*)held[^1]);

        Assert.True(after <= before - 40, $"{before} MB before, {after} MB after");
    }

    private static double ResidentMegabytes()
    {
        var line = File.ReadLines("/proc/self/status").First(l => l.StartsWith("VmRSS:", StringComparison.Ordinal));
        return double.Parse(line["VmRSS:".Length..^"kB".Length], CultureInfo.InvariantCulture) / 1024;
    }
}
