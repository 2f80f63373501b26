using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Benchmarks;

/// <summary>What the numbers were measured on.</summary>
internal static class Machine
{
    /// <summary>Cores, processor, runtime and vector width in one line.</summary>
    internal static string Describe() =>
        $"{Environment.ProcessorCount} cores, {Processor()}, {RuntimeInformation.FrameworkDescription}, "
            + $"{RuntimeInformation.OSDescription}, {VectorBits()}-bit vectors";

    private static int VectorBits() =>
        Vector512.IsHardwareAccelerated ? 512 : Vector256.IsHardwareAccelerated ? 256 : Vector128.IsHardwareAccelerated ? 128 : 0;

    private static string Processor()
    {
        const string File = "/proc/cpuinfo";
        var line = System.IO.File.Exists(File)
            ? System.IO.File.ReadLines(File).FirstOrDefault(l => l.StartsWith("model name", StringComparison.Ordinal))
            : null;
        return line is null
            ? RuntimeInformation.ProcessArchitecture.ToString()
            : line[(line.IndexOf(':', StringComparison.Ordinal) + 1)..].Trim();
    }
}
