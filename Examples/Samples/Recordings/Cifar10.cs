using System.Collections.Immutable;

namespace StreamLearn.Samples;

/// <summary>Images of CIFAR-10 from its binary files: 32 × 32 pixels in three colors, ten classes.</summary>
/// <remarks>Source: Krizhevsky (2009), Learning Multiple Layers of Features from Tiny Images. A file has 10,000 records: a label, then the
/// red, green and blue planes by row. State: 3,073 bytes an image.</remarks>
public sealed class Cifar10
{
    /// <summary>Images of a file.</summary>
    public const int FileImages = 10_000;

    /// <summary>Values of an image.</summary>
    public const int Values = 3 * 32 * 32;

    private const int Record = 1 + Values;
    private readonly ImmutableArray<byte[]> _files;

    private Cifar10(string directory, params ReadOnlySpan<string> files) =>
        _files = [.. files.ToArray().Select(file => Read(Path.Combine(directory, file)))];

    /// <summary>Images.</summary>
    public int Count => _files.Length * FileImages;

    /// <summary>Reads the 50,000 training images, <c>data_batch_1.bin</c> to <c>data_batch_5.bin</c>.</summary>
    /// <param name="directory">The folder.</param>
    /// <exception cref="CifarFormatException">A file is absent or malformed.</exception>
    public static Cifar10 OpenTraining(string directory) =>
        new(directory, "data_batch_1.bin", "data_batch_2.bin", "data_batch_3.bin", "data_batch_4.bin", "data_batch_5.bin");

    /// <summary>Reads the 10,000 test images, <c>test_batch.bin</c>.</summary>
    /// <param name="directory">The folder.</param>
    /// <exception cref="CifarFormatException">The file is absent or malformed.</exception>
    public static Cifar10 OpenTest(string directory) => new(directory, "test_batch.bin");

    /// <summary>Returns an image's class, 0 to 9.</summary>
    /// <param name="image">Its index, from 0.</param>
    public int Label(int image) => _files[image / FileImages][image % FileImages * Record];

    /// <summary>Returns an image's values, 0 to 255, by plane and row.</summary>
    /// <param name="image">Its index, from 0.</param>
    public ReadOnlySpan<byte> Image(int image) => _files[image / FileImages].AsSpan((image % FileImages * Record) + 1, Values);

    private static byte[] Read(string path)
    {
        const int Expected = FileImages * Record;
        try
        {
            var (length, last) = (new FileInfo(path).Length, Math.Min(new FileInfo(path).Length, Expected) / Record);
            if (length != Expected) { throw new CifarFormatException(path, last, $"{Expected} bytes in all", length); }
            var bytes = File.ReadAllBytes(path);
            for (var i = 0; i < FileImages; i++)
            {
                if (bytes[i * Record] > 9) { throw new CifarFormatException(path, i, "a label from 0 to 9", bytes[i * Record]); }
            }
            return bytes;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException) { throw new CifarFormatException(path, e); }
    }
}
