namespace StreamLearn.Samples;

/// <summary>Signal of one wearer: posture, gait with its second harmonic, and noise, on six channels.</summary>
/// <remarks>Uses a phasor that is recomputed from its phase every 64 rows, so neither rounding errors nor batch sizes matter. Noise: 1,024
/// normal quantiles, 10 random bits per value. Source: ours; random bits by SplitMix64, Steele, Lea, Flood (2014).</remarks>
internal sealed class GaitWave
{
    private const int Channels = 6;
    private const int BlockRows = 64;
    private const double NoiseGravity = 0.02;
    private const double NoiseTurn = 0.06;

    private static readonly float[] Noise = NormalQuantiles.Table(1024);

    /// <summary>Posture in g, gait acceleration in g, gait rotation in rad/s, speed relative to walking.</summary>
    private static readonly (double X, double Y, double Z, double Gravity, double Turn, double Speed)[] Patterns =
    [
        (0.99, -0.16, -0.10, 0.26, 0.60, 1.00),
        (0.94, -0.22, -0.02, 0.21, 0.75, 0.86),
        (0.97, -0.10, -0.16, 0.37, 0.85, 1.10),
        (0.93, 0.06, 0.24, 0.008, 0.02, 0.25),
        (1.00, -0.10, 0.08, 0.012, 0.04, 0.30),
        (0.12, 0.72, 0.58, 0.006, 0.02, 0.20),
    ];

    private readonly double[] _offsets = new double[Channels];
    private readonly double _gain;
    private readonly double _cadence;           // radians per row while walking
    private readonly float[] _posture = new float[Channels];
    private readonly float[] _first = new float[2 * Channels];      // cosine and sine part of each channel
    private readonly float[] _second = new float[2 * Channels];
    private readonly float[] _noise = new float[Channels];
    private ulong _bits;
    private double _turn;                       // radians per row in this bout
    private double _phase;
    private int _row;
    private float _re, _im;

    internal GaitWave(RandomStream user)
    {
        for (var c = 0; c < Channels; c++) { _offsets[c] = user.NextGaussian() * (c < 3 ? 0.06 : 0.02); }
        _gain = Math.Exp(0.15 * user.NextGaussian());
        _cadence = 2 * Math.PI * user.NextDouble(1.6, 2.2) / HarStream.RowsPerSecond;
        _bits = user.NextUInt64();
    }

    /// <summary>Strength and posture vary around those of the activity.</summary>
    internal void Begin(int activity, bool turned, RandomStream bouts)
    {
        var pattern = Patterns[activity];
        var strength = _gain * Math.Exp(0.16 * bouts.NextGaussian());
        ReadOnlySpan<double> posture = [pattern.X, pattern.Y, pattern.Z, 0, 0, 0];
        for (var c = 0; c < Channels; c++)
        {
            var turn = c >= 3;
            var to = !turned ? c : turn ? 3 + ((c - 3 + 1) % 3) : (c + 1) % 3;       // rotates the sensor's axes: x → y → z → x
            var (sine, cosine) = Math.SinCos(bouts.NextDouble(0, 2 * Math.PI));
            var (sine2, cosine2) = Math.SinCos(bouts.NextDouble(0, 2 * Math.PI));
            var amplitude = strength * (turn ? pattern.Turn : pattern.Gravity) * (1 - (0.2 * (c % 3)));
            _posture[to] = (float)(posture[c] + _offsets[c] + (bouts.NextGaussian() * (turn ? 0.01 : 0.05)));
            (_first[2 * to], _first[(2 * to) + 1]) = ((float)(amplitude * cosine), (float)(amplitude * sine));
            (_second[2 * to], _second[(2 * to) + 1]) = ((float)(0.4 * amplitude * cosine2), (float)(0.4 * amplitude * sine2));
            _noise[to] = (float)(turn ? NoiseTurn : NoiseGravity);
        }

        _turn = _cadence * pattern.Speed * Math.Exp(0.04 * bouts.NextGaussian());
        (_phase, _row) = (bouts.NextDouble(0, 2 * Math.PI), 0);
    }

    internal void Write(Batch batch, int start, int rows)
    {
        Span<float> re = stackalloc float[BlockRows];
        Span<float> im = stackalloc float[BlockRows];
        Span<ulong> bits = stackalloc ulong[BlockRows];
        while (rows > 0)
        {
            var count = Math.Min(rows, BlockRows - (_row % BlockRows));
            Advance(re[..count], im[..count], bits[..count]);
            for (var c = 0; c < Channels; c++) { WriteChannel(c, batch.Channels[c].Writable<float>().Slice(start, count), re, im, bits); }
            (start, rows) = (start + count, rows - count);
        }
    }

    private void Advance(Span<float> re, Span<float> im, Span<ulong> bits)
    {
        if (_row % BlockRows == 0)
        {
            var (s, c) = Math.SinCos(_phase + (_turn * _row));
            (_im, _re) = ((float)s, (float)c);
        }

        var (sineTurn, cosineTurn) = Math.SinCos(_turn);
        var (sine, cosine) = ((float)sineTurn, (float)cosineTurn);
        var (real, imaginary, state) = (_re, _im, _bits);
        for (var i = 0; i < re.Length; i++)
        {
            (re[i], im[i]) = (real, imaginary);
            (real, imaginary) = ((real * cosine) - (imaginary * sine), (real * sine) + (imaginary * cosine));
            state += 0x9E3779B97F4A7C15UL;
            var z = (state ^ (state >> 30)) * 0xBF58476D1CE4E5B9UL;
            z = (z ^ (z >> 27)) * 0x94D049BB133111EBUL;
            bits[i] = z ^ (z >> 31);
        }

        (_re, _im, _bits) = (real, imaginary, state);
        _row += re.Length;
    }

    private void WriteChannel(int channel, Span<float> values, ReadOnlySpan<float> re, ReadOnlySpan<float> im, ReadOnlySpan<ulong> bits)
    {
        var (posture, noise, shift) = (_posture[channel], _noise[channel], 10 * channel);
        var (cosine, sine) = (_first[2 * channel], _first[(2 * channel) + 1]);
        var (cosine2, sine2) = (_second[2 * channel], _second[(2 * channel) + 1]);
        var table = Noise.AsSpan(0, 1024);
        for (var i = 0; i < values.Length; i++)
        {
            var (x, y) = (re[i], im[i]);
            var wave = (cosine * x) + (sine * y) + (cosine2 * ((x * x) - (y * y))) + (sine2 * (2 * x * y));
            values[i] = posture + wave + (noise * table[(int)(bits[i] >> shift) & 1023]);
        }
    }
}
