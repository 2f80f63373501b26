using System.Runtime.InteropServices;

namespace StreamLearn.Compression;

/// <summary>A packed layer of signs with a scale per output. Its results are bit-identical to those of the layer.</summary>
internal sealed class BinaryRows : IPackedLayer
{
    private readonly int _inputs;
    private readonly int _words;
    private readonly ulong[] _bits;         // [outputs, words]
    private readonly float[] _scales;

    internal BinaryRows(ReadOnlySpan<float> weights, int outputs)
    {
        (_inputs, _scales) = (weights.Length / outputs, new float[outputs]);
        _words = BinaryDot.Words(_inputs);
        _bits = new ulong[outputs * _words];
        LowBits.Scales(1, weights, _scales);
        var column = new float[_inputs];
        for (var o = 0; o < outputs; o++)
        {
            for (var k = 0; k < _inputs; k++) { column[k] = weights[(k * outputs) + o]; }
            BinaryDot.Pack(column, _bits.AsSpan(o * _words, _words));
        }
    }

    internal int Bytes => (sizeof(ulong) * _bits.Length) + (sizeof(float) * _scales.Length);

    public int ScratchValues => 2 * (_words + 1);

    public void Forward(ReadOnlySpan<float> inputs, int rows, Span<float> outputs, Span<float> scratch)
    {
        var row = MemoryMarshal.Cast<float, ulong>(scratch)[.._words];
        for (var r = 0; r < rows; r++)
        {
            BinaryDot.Pack(inputs.Slice(r * _inputs, _inputs), row);
            var results = outputs.Slice(r * _scales.Length, _scales.Length);
            for (var o = 0; o < results.Length; o++)
            {
                results[o] = _scales[o] * BinaryDot.Of(row, _bits.AsSpan(o * _words, _words), _inputs);
            }
        }
    }
}
