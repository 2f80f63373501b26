using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text;
using StreamLearn.Tables;

namespace Tool.Tests;

internal static class SetsPeer
{
    private static readonly string Python = File.Exists("/usr/bin/python3") ? "/usr/bin/python3" : "python3";
    private static readonly string Script = Path.Combine(AppContext.BaseDirectory, "Fit", "Sets", "sets_peer.py");

    /// <summary>Why it does not run here; null if it does.</summary>
    internal static string? Missing { get; } = Look();

    /// <summary>Writes a split. <paramref name="channels"/>: of a window, or 0 for a row of features.</summary>
    internal static void Write(TemporaryFolder folder, int number, FitWindows learning, FitWindows judging, int channels = 0)
    {
        foreach (var (windows, name) in new[] { (learning, $"{number}"), (judging, $"{number}.judge") })
        {
            var (count, values) = (windows.Labels.Length, windows.Features.Length / windows.Labels.Length);
            var shape = channels == 0 ? $"{count}, {values}" : $"{count}, {channels}, {values / channels}";
            Write<float>(folder.File($"{name}.x.npy"), "<f4", shape, windows.Features);
            if (windows.Targets.Length > 0) { Write<float>(folder.File($"{name}.y.npy"), "<f4", $"{count},", windows.Targets); }
            else { Write<int>(folder.File($"{name}.y.npy"), "<i4", $"{count},", windows.Labels); }
        }
    }

    /// <summary>Writes whose the windows to learn from are.</summary>
    internal static void WriteGroups(TemporaryFolder folder, int number, FitWindows learning) =>
        Write<int>(folder.File($"{number}.groups.npy"), "<i4", $"{learning.Owners.Length},", learning.Owners);

    internal static async Task<JsonElement[]> LearnAsync(string what, TemporaryFolder folder, params string[] more)
    {
        var start = new ProcessStartInfo(Python, [Script, what, folder.Path, .. more]) { RedirectStandardOutput = true };
        start.Environment["OPENBLAS_NUM_THREADS"] = "1";
        using var process = Process.Start(start)!;
        var output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.Equal(0, process.ExitCode);
        return [.. output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(static l => JsonDocument.Parse(l).RootElement)];
    }

    /// <summary>Version 1.0 of NumPy's format.</summary>
    private static void Write<T>(string path, string type, string shape, T[] values)
        where T : unmanaged
    {
        var head = $"{{'descr': '{type}', 'fortran_order': False, 'shape': ({shape}), }}".PadRight(128 - 10 - 1) + "\n";
        using var file = File.Create(path);
        file.Write([0x93, .. "NUMPY"u8, 1, 0, (byte)head.Length, 0]);
        file.Write(Encoding.ASCII.GetBytes(head));
        file.Write(MemoryMarshal.AsBytes(values.AsSpan()));
    }

    private static string? Look()
    {
        try
        {
            using var look = Process.Start(new ProcessStartInfo(Python, ["-c", "import sklearn"]) { RedirectStandardError = true })!;
            look.StandardError.ReadToEnd();
            look.WaitForExit();
            return look.ExitCode == 0 ? null : $"{Python} has no scikit-learn";
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return "there is no python3";
        }
    }
}
