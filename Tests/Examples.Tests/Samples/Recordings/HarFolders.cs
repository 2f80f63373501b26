using System.IO.Compression;
using System.Runtime.InteropServices;

namespace Examples.Tests;

/// <summary>Writes small folders in the layout of the real data, and finds the real one.</summary>
internal static class HarFolders
{
    internal static short Value(int sample, int channel) => (short)((sample * 7) + (channel * 1000) - 3000);

    internal static void WriteRaw(string folder, int values)
    {
        using var stream = new GZipStream(File.Create(Path.Combine(folder, "raw50hz.i16.gz")), CompressionLevel.Fastest);
        short[] all = [.. Enumerable.Range(0, values).Select(i => Value(i / 6, i % 6))];
        stream.Write(MemoryMarshal.AsBytes(all.AsSpan()));
    }

    internal static void Cut(string path, double share)
    {
        using var file = File.OpenWrite(path);
        file.SetLength((long)(file.Length * share));
    }

    internal static void Replace(string folder, string file, string from, string to)
    {
        var path = Path.Combine(folder, file);
        File.WriteAllText(path, File.ReadAllText(path).Replace(from, to, StringComparison.Ordinal));
    }

    /// <summary>The real recordings, from the folder named by STREAMLEARN_DATA or beside the repository; where they are not there, a
    /// small generated folder.</summary>
    internal static HarRecordings OpenReal(out bool real)
    {
        var folder = RealFolder();
        real = folder is not null && Directory.Exists(folder);
        return real ? HarRecordings.Open(folder!) : SmallFolder.Open();
    }

    /// <summary>The labels of what <see cref="OpenReal"/> opens, as the original download has them.</summary>
    internal static string LabelsAsText(bool real)
    {
        using var small = new SmallFolder();
        var rows = File.ReadLines(real ? Path.Combine(RealFolder()!, "raw_labels.csv") : small.Of("raw_labels.csv"));
        return string.Concat(rows.Skip(1).Select(row => row.Replace(',', ' ') + "\n"));
    }

    private static string? RealFolder() =>
        Environment.GetEnvironmentVariable("STREAMLEARN_DATA") is { Length: > 0 } data ? Path.Combine(data, "har") : Find();

    private static string? Find()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            var candidate = Path.Combine(folder.FullName, "shared", "data", "har");
            if (Directory.Exists(candidate)) { return candidate; }
        }
        return null;
    }

    internal static void AssertSays(string folder, params string[] parts)
    {
        var error = Assert.Throws<HarFormatException>(() => HarRecordings.Open(folder));
        Assert.All(parts, part => Assert.Contains(part, error.Message, StringComparison.Ordinal));
        Assert.DoesNotContain('\n', error.Message);
    }
}
