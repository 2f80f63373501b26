using Apache.Arrow.Ipc;

namespace StreamLearn.Arrow.Tests;

/// <summary>What nodejs-polars 0.25.2 writes by default is read, with its views of texts, in each way to compress: peer/polars.mjs. And so
/// is each type of Apache.Arrow 23.</summary>
public sealed class PolarsFileTests
{
    private const string First = "1 | 1 | 1 | 1 | 1 | 1 | 1 | - | 1 | 1 | true | 'a' | 'a' | 0 | 0 | 0 | [1, 2]";
    private const string Second = "2 | 2 | 2 | 2 | 2 | 2 | 2 | - | 2 | 2 | false | 'größer than twelve bytes' | 'b' | 1 | 86400000000000 | "
        + "86400000 | [3]";

    [Theory, InlineData("uncompressed"), InlineData("lz4"), InlineData("zstd")]
    public void Each_type_is_read_from_files_and_streams(string compression)
    {
        var path = Golden.Of(Path.Join("polars", compression));
        using var file = new ArrowFileReader($"{path}.arrow");
        using var bytes = File.OpenRead($"{path}.arrows");
        var (ofFile, ofStream) = (ArrowText.Rows(file.Read(0)), ArrowText.Rows(new ArrowStreamReader(bytes).Read()!));
        Assert.Equal([First, Second], ofFile[..2]);
        Assert.Equal(ofFile, ofStream);
        Assert.Empty(file.Schema.LeftOut);
    }

    [Theory, InlineData(null), InlineData(CompressionCodecType.Lz4Frame), InlineData(CompressionCodecType.Zstd)]
    public void Each_type_that_Apache_Arrow_writes_is_read(CompressionCodecType? codec)
    {
        var all = ArrowSamples.Of(120);
        using var folder = new ArrowFolder();
        foreach (var form in (ArrowForm[])[ArrowForm.Stream, ArrowForm.File])
        {
            File.WriteAllBytes(folder.Of("all"), SampleWriter.Written(all.Schema, form, codec, all));
            using var batches = new ArrowBatches(folder.Of("all"));
            Assert.Equal(ArrowText.Rows(all), ArrowText.Rows(batches.Next()!));
        }
    }
}
