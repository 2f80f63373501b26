using System.IO.Compression;
using System.Runtime.InteropServices;

namespace StreamLearn.Files.Tests;

/// <summary>Writes small folders in the layout of the real data, and finds the real one.</summary>
internal static class HarFolders
{
    /// <summary>Three recordings of two people, 10 to 700 samples; the value of a sample is known from its place.</summary>
    internal static string Write()
    {
        var folder = Directory.CreateTempSubdirectory("har-").FullName;
        File.WriteAllText(Path.Combine(folder, "raw_experiments.csv"), "experiment,user,offset,length\n1,1,0,700\n2,1,700,125\n3,7,825,10\n");
        File.WriteAllText(Path.Combine(folder, "raw_labels.csv"), "experiment,user,activity,start,end\n1,1,5,1,200\n1,1,7,201,260\n1,1,1,261,700\n2,1,6,3,125\n");
        WriteRaw(folder, 835 * 6);
        return folder;
    }

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

    /// <summary>The real recordings; skips the test where they are not there.</summary>
    internal static HarRecordings OpenReal()
    {
        var folder = Environment.GetEnvironmentVariable("STREAMLEARN_DATA") is { Length: > 0 } data ? Path.Combine(data, "har") : Find();
        if (folder is null || !Directory.Exists(folder)) { Assert.Skip("the recordings are not here: set STREAMLEARN_DATA to the folder that holds har/"); }
        return HarRecordings.Open(folder!);
    }

    private static string? Find()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            var candidate = Path.Combine(folder.FullName, "shared", "data", "har");
            if (Directory.Exists(candidate)) { return candidate; }
        }

        return null;
    }
}
