using System.Numerics;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace StreamLearn.Operators;

/// <summary>The Fourier transform of any length: directly for powers of two, otherwise as a chirp convolution of length at least 2n −
/// 1.</summary>
/// <remarks>It is exact up to rounding and does not pad the signal. No allocation. Source: Bluestein (1970).</remarks>
internal sealed class ChirpFourier
{
    private readonly ComplexFourier _transform;
    private readonly double[] _cos = [];        // the chirp e^(−πi j²/n); empty if n is a power of two
    private readonly double[] _sin = [];
    private readonly double[] _chirpRe = [];    // transform of its conjugate
    private readonly double[] _chirpIm = [];

    internal ChirpFourier(int size)
    {
        Size = size;
        if (BitOperations.IsPow2(size))
        {
            _transform = new(size);
            return;
        }

        _transform = new((int)BitOperations.RoundUpToPowerOf2((uint)((2 * size) - 1)));
        (_cos, _sin) = (new double[size], new double[size]);
        for (var j = 0; j < size; j++)
        {
            (_sin[j], _cos[j]) = Math.SinCos(-Math.PI * ((long)j * j % (2L * size)) / size);
            (_transform.Re[j], _transform.Im[j]) = (_cos[j], -_sin[j]);
            if (j > 0) { (_transform.Re[^j], _transform.Im[^j]) = (_cos[j], -_sin[j]); }
        }

        _transform.Transform();
        var scale = 1.0 / _transform.Size;
        (_chirpRe, _chirpIm) = (_transform.Re.ToArray(), _transform.Im.ToArray());
        for (var k = 0; k < _chirpRe.Length; k++) { (_chirpRe[k], _chirpIm[k]) = (_chirpRe[k] * scale, _chirpIm[k] * scale); }
    }

    internal int Size { get; }

    internal Span<double> Re => _transform.Re[..Size];

    internal Span<double> Im => _transform.Im[..Size];

    /// <summary>Real parts of the result, with the first repeated at the end.</summary>
    internal Span<double> ReAround => _transform.ReAround(Size);

    internal Span<double> ImAround => _transform.ImAround(Size);

    internal void Transform()
    {
        if (_cos.Length == 0)
        {
            _transform.Transform();
            return;
        }

        Multiply(_transform.Re, _transform.Im, _cos, _sin);
        _transform.Re[Size..].Clear();
        _transform.Im[Size..].Clear();
        _transform.Transform();
        Multiply(_transform.Re, _transform.Im, _chirpRe, _chirpIm);
        _transform.TransformBack();
        Multiply(_transform.Re, _transform.Im, _cos, _sin);
    }

    /// <summary>Computes z · w → z, element by element, so that bits do not depend on the vector width.</summary>
    private static void Multiply(Span<double> re, Span<double> im, ReadOnlySpan<double> cos, ReadOnlySpan<double> sin)
    {
        re = re[..cos.Length];
        im = im[..cos.Length];
        sin = sin[..cos.Length];
        var linesRe = MemoryMarshal.Cast<double, Vector512<double>>(re);
        var linesIm = MemoryMarshal.Cast<double, Vector512<double>>(im)[..linesRe.Length];
        var linesCos = MemoryMarshal.Cast<double, Vector512<double>>(cos)[..linesRe.Length];
        var linesSin = MemoryMarshal.Cast<double, Vector512<double>>(sin)[..linesRe.Length];
        for (var line = 0; line < linesRe.Length; line++)
        {
            var (a, b, c, s) = (linesRe[line], linesIm[line], linesCos[line], linesSin[line]);
            (linesRe[line], linesIm[line]) = ((a * c) - (b * s), (a * s) + (b * c));
        }

        for (var i = linesRe.Length * Vector512<double>.Count; i < cos.Length; i++)
        {
            (re[i], im[i]) = ((re[i] * cos[i]) - (im[i] * sin[i]), (re[i] * sin[i]) + (im[i] * cos[i]));
        }
    }
}
