namespace StreamLearn.Samples.Tests;

public sealed class Cifar10Tests : IDisposable
{
    private const int Record = 3073;

    private readonly string _folder = Directory.CreateTempSubdirectory("cifar-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Labels_and_planes_are_read_in_the_order_of_the_files()
    {
        for (var i = 1; i <= 5; i++) { Write($"data_batch_{i}.bin", (0, (byte)i, (byte)(10 * i)), (9_999, 9, 200)); }

        var images = Cifar10.OpenTraining(_folder);

        Assert.Equal(50_000, images.Count);
        Assert.Equal([1, 2, 3, 4, 5], Enumerable.Range(0, 5).Select(file => images.Label(file * Cifar10.FileImages)));
        Assert.Equal([10, 11, 12], Corners(images, 0));
        Assert.Equal([50, 51, 52], Corners(images, 40_000));
        Assert.Equal((9, 0), (images.Label(49_999), images.Label(1)));
        Assert.Equal([200, 201, 202], Corners(images, 49_999));

        static int[] Corners(Cifar10 images, int at) => [images.Image(at)[0], images.Image(at)[1024], images.Image(at)[3071]];
    }

    [Theory]
    [InlineData(0, 10)]
    [InlineData(9_999, 255)]
    public void A_label_above_9_is_named_with_its_file_and_record(int record, byte label)
    {
        Write("test_batch.bin", (record, label, 0));

        AssertSays($"test_batch.bin record {record}: expected a label from 0 to 9, got {label}: restore it");
    }

    [Theory]
    [InlineData(-1, 9_999)]
    [InlineData(1, 10_000)]
    [InlineData(-30_730_000, 0)]
    public void A_file_of_another_size_is_named_with_its_size_and_the_record_where_it_ends(int more, int record)
    {
        Write("test_batch.bin");
        using (var file = File.OpenWrite(Path.Combine(_folder, "test_batch.bin"))) { file.SetLength(file.Length + more); }

        AssertSays($"test_batch.bin record {record}: expected 30730000 bytes in all, got {30_730_000 + more}: restore it");
    }

    [Fact]
    public void A_missing_file_is_named() => AssertSays("test_batch.bin cannot be read: name the folder");

    private void AssertSays(string text) => Assert.Contains(
        text, Assert.Throws<CifarFormatException>(() => Cifar10.OpenTest(_folder)).Message, StringComparison.Ordinal);

    /// <summary>A file of zeros but for some records: label, and the values at the beginning of two planes and at the end.</summary>
    private void Write(string name, params (int Record, byte Label, byte Value)[] records)
    {
        using var file = File.Create(Path.Combine(_folder, name));
        file.SetLength(Cifar10.FileImages * Record);
        foreach (var (record, label, value) in records)
        {
            foreach (var (at, written) in new[] { (0, label), (1, value), (1025, (byte)(value + 1)), (3072, (byte)(value + 2)) })
            {
                file.Position = ((long)record * Record) + at;
                file.WriteByte(written);
            }
        }
    }
}
