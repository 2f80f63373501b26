using System.Runtime.InteropServices;

namespace StreamLearn.Torch.Tests;

/// <summary>Loads libtorch for a program of tests, from the package's folder, before TorchSharp looks for it.</summary>
/// <remarks>
/// LibTorchSharp says that it needs GLIBCXX_3.4.32, and uses no symbol of that version. Where libstdc++ is older (Debian 12) a copy is
/// loaded in which the need is marked weak: one flag of its entry in <c>.gnu.version_r</c>.
/// </remarks>
internal static class TestNatives
{
    private const string Need = "GLIBCXX_3.4.32";
    private const byte Weak = 2;        // VER_FLG_WEAK

    /// <summary>LibTorchSharp as its package has it, beside the program.</summary>
    internal static string Original => Path.Combine(AppContext.BaseDirectory, "runtimes", "linux-x64", "native", "libLibTorchSharp.so");

    /// <summary>The folder of libtorch's package.</summary>
    internal static string Folder => (string)AppContext.GetData("StreamLearn.Torch.Natives")!;

    /// <summary>Loads it; without, TorchSharp would copy it beside the program, or give up.</summary>
    internal static void Load()
    {
        foreach (var name in (string[])["libc10.so", "libtorch_cpu.so", "libtorch.so"]) { NativeLibrary.Load(Path.Combine(Folder, name)); }
        if (!NativeLibrary.TryLoad(Original, out _)) { NativeLibrary.Load(Weakened()); }
    }

    /// <summary>A copy of LibTorchSharp that loads with an older libstdc++.</summary>
    private static string Weakened()
    {
        var copy = Path.Combine(AppContext.BaseDirectory, "weak", "libLibTorchSharp.so");
        if (File.Exists(copy)) { return copy; }
        var bytes = File.ReadAllBytes(Original);
        var entry = BitConverter.GetBytes(HashOf(Need));        // vna_hash, then vna_flags
        for (var at = 0; at + 8 <= bytes.Length; at += 4)
        {
            if (bytes.AsSpan(at, 4).SequenceEqual(entry) && bytes[at + 4] == 0 && bytes[at + 5] == 0) { bytes[at + 4] = Weak; }
        }

        Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
        var beside = $"{copy}.{Environment.ProcessId}";
        File.WriteAllBytes(beside, bytes);
        File.Move(beside, copy, overwrite: true);
        return copy;
    }

    /// <summary>The hash of a version's name. Source: System V ABI, figure 5-13.</summary>
    private static uint HashOf(string name)
    {
        var hash = 0u;
        foreach (var letter in name)
        {
            hash = (hash << 4) + letter;
            hash ^= (hash & 0xF0000000) >> 24;
            hash &= 0x0FFFFFFF;
        }
        return hash;
    }
}
