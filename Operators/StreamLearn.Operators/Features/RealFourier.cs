using System.Numerics.Tensors;

namespace StreamLearn.Operators;

/// <summary>Computes the power spectrum of real signals of one length.</summary>
/// <remarks>Even lengths are packed as x₂ⱼ + i·x₂ⱼ₊₁, whose transform Z gives Xₖ = (Zₖ + Z̄ₙ₋ₖ)/2 − i·e^(−2πi k/2n)·(Zₖ − Z̄ₙ₋ₖ)/2. Cost: a
/// transform of n/2 numbers, or of n if n is odd; no allocation. Source: Press et al., Numerical Recipes, section 12.3.</remarks>
internal sealed class RealFourier
{
    private readonly ChirpFourier _transform;
    private readonly double[] _cos;
    private readonly double[] _sin;

    internal RealFourier(int samples)
    {
        Samples = samples;
        _transform = new(samples % 2 == 0 ? samples / 2 : samples);
        (_cos, _sin) = (new double[(samples / 2) + 1], new double[(samples / 2) + 1]);
        for (var k = 0; k < _cos.Length; k++) { (_sin[k], _cos[k]) = Math.SinCos(-2 * Math.PI * k / samples); }
    }

    internal int Samples { get; }

    internal void Squares(ReadOnlySpan<double> signal, Span<double> squares)
    {
        if (Samples % 2 == 0) { OfPairs(signal[..Samples], squares); }
        else
        {
            signal[..Samples].CopyTo(_transform.Re);
            _transform.Im.Clear();
            _transform.Transform();
            var re = _transform.Re;
            var im = _transform.Im;
            for (var k = 0; k <= Samples / 2; k++) { squares[k] = (re[k] * re[k]) + (im[k] * im[k]); }
        }
    }

    /// <summary>Computes Pₖ without the mean, k = 0 … n/2. P₀ is 0, and the sum is the variance.</summary>
    internal void Power(ReadOnlySpan<double> signal, Span<double> power)
    {
        Squares(signal, power);
        power = power[..((Samples / 2) + 1)];
        TensorPrimitives.Multiply(power, 2.0 / Samples / Samples, power);
        power[0] = 0;
        if (Samples % 2 == 0) { power[Samples / 2] /= 2; }
    }

    private void OfPairs(ReadOnlySpan<double> signal, Span<double> squares)
    {
        FourierPairs.Take(signal, _transform.Re, _transform.Im);
        _transform.Transform();
        FourierPairs.Squares(_transform.ReAround, _transform.ImAround, _cos, _sin, squares);
    }
}
