using StreamLearn;
using StreamLearn.Samples;

namespace Partition;

/// <summary>Draws training images as the code of FedAdapt and ARES does: each once in an epoch, cropped out of four black pixels around it,
/// flipped every second time, colors normalized. The same ones for the same seed.</summary>
internal sealed class ImageDraws(Cifar10 images, long seed)
{
    private const int Side = 32;
    private const int Plane = Side * Side;
    private const int Padding = 4;

    private static readonly float[] Mean = [.4914f, .4822f, .4465f];
    private static readonly float[] Deviation = [.2023f, .1994f, .2010f];

    private readonly RandomStream _random = new(seed, "images");
    private readonly int[] _order = [.. Enumerable.Range(0, images.Count)];
    private int _drawn;

    /// <summary>The next image: [3, 32, 32] into <paramref name="values"/>; gives its class.</summary>
    internal int Next(Span<float> values)
    {
        var at = _drawn++ % _order.Length;
        var other = at + _random.NextInt32(_order.Length - at);
        (_order[at], _order[other]) = (_order[other], _order[at]);
        var (left, top) = (_random.NextInt32((2 * Padding) + 1) - Padding, _random.NextInt32((2 * Padding) + 1) - Padding);
        Write(images.Image(_order[at]), left, top, isFlipped: _random.NextInt32(2) == 1, values);
        return images.Label(_order[at]);
    }

    /// <summary>An image as it is, colors normalized.</summary>
    internal static void Write(ReadOnlySpan<byte> image, Span<float> values) => Write(image, 0, 0, isFlipped: false, values);

    private static void Write(ReadOnlySpan<byte> image, int left, int top, bool isFlipped, Span<float> values)
    {
        for (var i = 0; i < Cifar10.Values; i++)
        {
            var (color, row, column) = (i / Plane, i / Side % Side, i % Side);
            var (y, x) = (row + top, (isFlipped ? Side - 1 - column : column) + left);
            var pixel = (uint)y < Side && (uint)x < Side ? image[(color * Plane) + (y * Side) + x] : (byte)0;
            values[i] = ((pixel / 255f) - Mean[color]) / Deviation[color];
        }
    }
}
