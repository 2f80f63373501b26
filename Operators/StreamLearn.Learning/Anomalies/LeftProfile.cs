using System.Numerics;

namespace StreamLearn.Learning;

/// <summary>The distance in shape of the last values to the nearest earlier piece of equal length.</summary>
/// <remarks>Sums of products are updated per row; history/length lags in turn are summed again, so no rounding error outlives a piece.
/// Cost: O(history) per row; results do not depend on the vector width.</remarks>
internal sealed class LeftProfile(int length, int history) : IAnomalyStatistic
{
    private const double Level = 1e-12;     // a piece is constant if its variance is below this share of its mean square

    private readonly double[] _values = new double[2 * (history + length)];        // starts at _first, newest first
    private readonly double[] _means = new double[2 * (history + length)];         // mean of the piece that ends at the value
    private readonly double[] _inverses = new double[2 * (history + length)];      // 1 / deviation; 0 for a constant piece
    private readonly double[] _products = new double[history + 1];                 // indexed by lag
    private double _origin;     // subtracted from all values, to keep precision
    private int _first;         // 0 makes the first row move it to the middle
    private int _count;         // number of rows so far, up to those kept
    private int _anew;          // the lag that was recomputed last, minus a length

    private int Kept => history + length;

    public int Channel => 0;        // there is one channel

    public double Add(ReadOnlySpan<float> row, bool learns)
    {
        if (_count == 0) { _origin = row[0]; }
        var value = row[0] - _origin;
        MakeRoom();
        _values[_first] = value;
        var leaving = _count >= length ? _values[_first + length] : 0;
        if (_count < Kept) { _count++; }
        if (_count < length) { return 0; }
        AddPiece();
        var lags = Math.Min(history, _count - length);       // number of earlier pieces
        UpdateProducts(value, leaving, lags);
        return lags < length ? 0 : Nearest(lags);
    }

    public void State(ref StateStream s)
    {
        s.Value(ref _origin);
        s.Value(ref _count, 0, Kept);
        s.Value(ref _anew, 0, history - length);
        if (s.IsReading) { _first = 0; }
        s.Values(_values.AsSpan(_first, _count));
        s.Values(_means.AsSpan(_first, _count));
        s.Values(_inverses.AsSpan(_first, _count));
        s.Values<double>(_products);
    }

    private void MakeRoom()
    {
        if (_first == 0)
        {
            _first = Kept;
            _values.AsSpan(0, Kept).CopyTo(_values.AsSpan(_first));
            _means.AsSpan(0, Kept).CopyTo(_means.AsSpan(_first));
            _inverses.AsSpan(0, Kept).CopyTo(_inverses.AsSpan(_first));
        }

        _first--;
    }

    private void AddPiece()
    {
        var piece = _values.AsSpan(_first, length);
        var (sum, squares) = (0.0, 0.0);
        foreach (var v in piece) { sum += v; }
        var mean = sum / length;
        foreach (var v in piece) { squares += (v - mean) * (v - mean); }
        var variance = squares / length;
        var square = (mean + _origin) * (mean + _origin);
        (_means[_first], _inverses[_first]) = (mean, variance > Level * square ? 1 / Math.Sqrt(variance) : 0);
    }

    private void UpdateProducts(double value, double leaving, int lags)
    {
        var newest = _values.AsSpan(_first);
        var products = _products.AsSpan(0, lags + 1);
        var lag = length;
        var (added, taken) = (new Vector<double>(value), new Vector<double>(leaving));
        for (; lag + Vector<double>.Count <= lags; lag += Vector<double>.Count)
        {
            var product = new Vector<double>(products[lag..]) + (added * new Vector<double>(newest[lag..]))
                - (taken * new Vector<double>(newest[(lag + length)..]));
            product.CopyTo(products[lag..]);
        }

        for (; lag < lags; lag++) { products[lag] += (value * newest[lag]) - (leaving * newest[lag + length]); }
        if (lags < length) { return; }
        products[lags] = Product(lags);
        for (var left = history / length; left >= 0; left--)
        {
            _anew = length + _anew + 1 > lags ? 0 : _anew + 1;
            products[length + _anew] = Product(length + _anew);
        }
    }

    private double Product(int lag)
    {
        var piece = _values.AsSpan(_first, length);
        var earlier = _values.AsSpan(_first + lag, length);
        var sum = 0.0;
        for (var i = 0; i < length; i++) { sum += piece[i] * earlier[i]; }
        return sum;
    }

    private double Nearest(int lags)
    {
        var means = _means.AsSpan(_first);
        var inverses = _inverses.AsSpan(_first);
        if (inverses[0] == 0) { return inverses[length..(lags + 1)].Contains(0) ? 0 : Math.Sqrt(2.0 * length); }
        var (lag, scaled, greatest) = (length, length * means[0], double.NegativeInfinity);
        var (factor, vector) = (new Vector<double>(scaled), new Vector<double>(double.NegativeInfinity));
        for (; lag + Vector<double>.Count <= lags + 1; lag += Vector<double>.Count)
        {
            var covariance = new Vector<double>(_products.AsSpan(lag)) - (factor * new Vector<double>(means[lag..]));
            vector = Vector.Max(vector, covariance * new Vector<double>(inverses[lag..]));
        }

        for (var i = 0; i < Vector<double>.Count; i++) { greatest = Math.Max(greatest, vector[i]); }
        for (; lag <= lags; lag++) { greatest = Math.Max(greatest, (_products[lag] - (scaled * means[lag])) * inverses[lag]); }
        return Math.Sqrt(Math.Max(0, 2 * (length - (greatest * inverses[0]))));
    }
}
