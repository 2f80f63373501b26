using System.Runtime.InteropServices;
using TorchSharp;

namespace StreamLearn.Torch;

/// <summary>Checks libtorch before TorchSharp loads it; exceptions say what to add.</summary>
internal static class TorchNatives
{
    private const string Packages = "libtorch-cpu-linux-x64 (or -win-x64, -osx-arm64) 2.10.0, TorchSharp-cpu 0.107.0, or "
        + "TorchSharp-cuda-linux (-windows) 0.107.0 for a GPU";

    private const float Tolerance = 1e-3f;      // the error of float32 itself is below 1e-6 here

    private static readonly Lock Gate = new();
    private static bool _loaded;

    internal static void Require()
    {
        lock (Gate)
        {
            if (_loaded) { return; }
            if (Refusal(RuntimeInformation.RuntimeIdentifier, RuntimeInformation.ProcessArchitecture) is { } none)
            {
                throw new PlatformNotSupportedException(none);
            }

            try
            {
                NativeLibrary.TryLoad("torch_cpu", typeof(torch).Assembly, null, out _);       // required by LibTorchSharp
                NativeLibrary.Load("LibTorchSharp", typeof(torch).Assembly, null);
            }
            catch (Exception problem) when (problem is DllNotFoundException or BadImageFormatException)
            {
                throw new NotSupportedException(Cause(problem.Message), problem);
            }

            if (WrongBy() is > Tolerance and var wrong)
            {
                throw new NotSupportedException("torch: expected libtorch to compute small layers as in float64, got a difference of "
                    + $"{wrong:0.###}. Its oneDNN does so on some processors with AVX-512: set the environment variable "
                    + "DNNL_MAX_CPU_ISA=AVX2 and start again");
            }

            _loaded = true;
        }
    }

    /// <summary>Returns the error of float32 against float64, which oneDNN does not compute, in layers that fill no register: AVX-512 code
    /// was found to be off by 0.3 there without any message.</summary>
    private static float WrongBy()
    {
        using var scope = torch.NewDisposeScope();
        using var still = torch.no_grad();
        using var recurrent = torch.nn.LSTM(3, 4, batchFirst: true);
        using var strided = torch.nn.Conv1d(24, 48, 9, stride: 2, padding: 4L);
        var steps = torch.linspace(-1, 1, 48).reshape(1, 16, 3);
        var signal = torch.linspace(-1, 1, 24 * 64).reshape(1, 24, 64);
        var answers = (recurrent.call(steps).Item1, strided.call(signal));
        recurrent.to(torch.float64);
        strided.to(torch.float64);
        return Math.Max(
            Difference(answers.Item1, recurrent.call(steps.to(torch.float64)).Item1),
            Difference(answers.Item2, strided.call(signal.to(torch.float64))));
    }

    private static float Difference(torch.Tensor single, torch.Tensor full) => (float)(single - full).abs().max().item<double>();

    internal static string? Refusal(string system, Architecture processor)
    {
        var has = processor switch
        {
            Architecture.X64 => !system.StartsWith("osx", StringComparison.Ordinal),
            Architecture.Arm64 => system.StartsWith("osx", StringComparison.Ordinal) || system.StartsWith("win", StringComparison.Ordinal),
            _ => false,
        };
        return has && !system.Contains("musl", StringComparison.Ordinal) && !system.StartsWith("alpine", StringComparison.Ordinal) ? null
            : $"torch: expected a system that TorchSharp has binaries for (linux-x64 with glibc, win-x64, win-arm64, osx-arm64), got "
                + $"{system} on {processor}. Networks of StreamLearn.Models run here, including those read from ONNX or safetensors";
    }

    internal static string Cause(string loader) =>
        loader.Contains("GLIBCXX_", StringComparison.Ordinal)
            ? $"torch: expected a libstdc++ with {After(loader, "GLIBCXX_")} (GCC 13: Debian 13, Ubuntu 24.04 or newer), got an older one. "
                + "Run on such a system, or put a newer libstdc++.so.6 on LD_LIBRARY_PATH"
            : loader.Contains("GLIBC_", StringComparison.Ordinal)
            ? $"torch: expected a glibc with {After(loader, "GLIBC_")}, got an older one. Run on a newer system"
            : $"torch: expected the native libraries of libtorch next to the program, got none. Add one of the packages {Packages} to "
                + $"the program's project. The loader says: {loader.Split('\n')[0].Trim()}";

    private static string After(string text, string start)
    {
        var from = text.IndexOf(start, StringComparison.Ordinal);
        var to = from + start.Length;
        while (to < text.Length && (char.IsDigit(text[to]) || text[to] == '.')) { to++; }
        return text[from..to];
    }

    internal static torch.Device DeviceOf(string name)
    {
        if (name == "cpu") { return torch.CPU; }
        var number = 0;
        var isNumbered = name.StartsWith("cuda:", StringComparison.Ordinal) && int.TryParse(name.AsSpan(5), out number) && number >= 0;
        if (name != "cuda" && !isNumbered)
        {
            throw new ArgumentException($"expected device cpu, cuda or cuda:N, got '{name}'", nameof(name));
        }

        var count = torch.cuda.is_available() ? torch.cuda.device_count() : 0;
        return number < count ? torch.device(DeviceType.CUDA, number) : throw new ArgumentException(
            $"expected a device {name}, got {count} devices of CUDA. Add the package TorchSharp-cuda-linux (or -windows) 0.107.0 instead "
                + "of the one for the CPU, on a machine with an NVIDIA GPU and its driver, or set Device = \"cpu\"", nameof(name));
    }
}
