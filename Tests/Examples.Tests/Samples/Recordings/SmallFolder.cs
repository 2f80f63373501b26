namespace Examples.Tests;

/// <summary>A folder in the layout of the real data, gone after the test: three recordings of two people, 10 to 700 samples.</summary>
internal sealed class SmallFolder : IDisposable
{
    internal SmallFolder()
    {
        Path = Directory.CreateTempSubdirectory("har-").FullName;
        File.WriteAllText(Of("raw_experiments.csv"), "experiment,user,offset,length\n1,1,0,700\n2,1,700,125\n3,7,825,10\n");
        File.WriteAllText(Of("raw_labels.csv"),
            "experiment,user,activity,start,end\n1,1,5,1,200\n1,1,7,201,260\n1,1,1,261,700\n2,1,6,3,125\n");
        HarFolders.WriteRaw(Path, 835 * 6);
    }

    internal string Path { get; }
    public void Dispose() => Directory.Delete(Path, recursive: true);

    internal static HarRecordings Open()
    {
        using var folder = new SmallFolder();
        return HarRecordings.Open(folder.Path);
    }

    internal string Of(string file) => System.IO.Path.Combine(Path, file);
}
