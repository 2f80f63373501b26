namespace StreamLearn.Onnx;

/// <summary>Window features in float64: [channels, rows] to [columns].</summary>
/// <remarks>Spectrum and autocorrelation are products, which are exact to float64 and which every runtime supports.</remarks>
internal sealed class FeatureExport(OnnxFeatures plan, int rows, ExportedNodes nodes)
{
    private readonly Dictionary<string, string> _made = new(StringComparer.Ordinal);

    internal void Add()
    {
        nodes.Resume(Signals(), [plan.Signals.Length, rows]);
        var numbers = plan.Columns.Select(static c => c.Number).Distinct().Order().ToList();
        var bands = numbers.Where(static n => n >= OnnxFeatures.FirstBand).ToList();
        List<string> columns = [.. numbers.Except(bands).Select(Number)];
        if (bands.Count > 0) { columns.Add(Bands()); }
        var width = numbers.Count;
        List<string> parts = [N("Flatten", [N("Concat", columns, Of("axis", 2))], Of("axis", 1))];
        if (plan.Pairs.Length > 0) { parts.Add(N("Flatten", [Correlations()], Of("axis", 1))); }
        if (plan.Areas.Length > 0) { parts.Add(N("Flatten", [Areas()], Of("axis", 1))); }
        var all = N("Concat", parts, Of("axis", 1));
        var places = plan.Columns.Select(c => (long)((c.Signal * width) + numbers.IndexOf(c.Number)))
            .Concat(Enumerable.Range(plan.Signals.Length * width, plan.Pairs.Length + plan.Areas.Length).Select(static i => (long)i));
        var chosen = N("Gather", [all, nodes.Whole([.. places])], Of("axis", 1));
        nodes.Resume(N("Cast", [chosen], Of("to", OnnxTensor.Float)), [plan.Columns.Length + plan.Pairs.Length + plan.Areas.Length]);
    }

    private string Signals()
    {
        var wide = N("Cast", [nodes.Value], Of("to", OnnxTensor.Double));
        List<string> signals = [];
        foreach (var channels in plan.Signals)
        {
            if (channels is [var channel])
            {
                signals.Add(Channel(nodes.Value, channel));
                continue;
            }

            var squares = channels.Select(c => Channel(wide, c)).Select(c => N("Mul", [c, c])).ToList();
            var sum = N("Add", [N("Add", [squares[0], squares[1]]), squares[2]]);
            signals.Add(N("Cast", [N("Sqrt", [sum])], Of("to", OnnxTensor.Float)));
        }

        return N("Concat", signals, Of("axis", 1));

        string Channel(string values, int channel) => N("Gather", [values, nodes.Whole([channel])], Of("axis", 1));
    }

    private string Number(int number) => number switch
    {
        0 => Mean,
        1 => N("Sqrt", [Variance]),
        2 => Wide(N("ReduceMin", [nodes.Value], Axis2, Of("keepdims", 1))),
        3 => Wide(N("ReduceMax", [nodes.Value], Axis2, Of("keepdims", 1))),
        4 => N("Sqrt", [Energy]),
        5 => Where(Energy, N("Div", [N("Max", [Number(3), N("Neg", [Number(2)])]), N("Sqrt", [Energy])])),
        6 => Where(Variance, N("Div", [Moment(3), N("Mul", [Variance, N("Sqrt", [Variance])])])),
        7 => Where(Variance, N("Div", [Moment(4), N("Mul", [Variance, Variance])])),
        8 => MedianDeviation(),
        9 => N("Sub", [Quantile(0.75), Quantile(0.25)]),
        10 => Crossings(Values),
        11 => Crossings(Centered),
        12 => Energy,
        13 => N("Div", [Sum(N("Abs", [Values])), D(rows)]),
        14 => Jerk(),
        15 => Where(Squares, N("Div", [Sum(N("Mul", [FirstPeak, Lags(1)])), Squares])),
        16 => N("Div", [Sum(N("Mul", [FirstPeak, Row("lags", rows / 2, static k => k + 1)])), D(plan.SamplesPerSecond)]),
        17 => N("Mul", [Wide(N("ArgMax", [Power], Of("axis", 2), Of("keepdims", 1))), D(Hertz)]),
        18 => Where(Total, N("Div", [Sum(N("Mul", [Power, Row("bins", Bins, static k => k)])), N("Mul", [Total, D(1 / Hertz)])])),
        19 => Entropy(),
        _ => throw new NotSupportedException($"ONNX: feature {number}: not supported in ONNX files"),
    };

    private int Bins => (rows / 2) + 1;

    private double Hertz => plan.SamplesPerSecond / rows;

    private string Values => Once(nameof(Values), () => Wide(nodes.Value));

    private string Mean => Once(nameof(Mean), () => N("Div", [Sum(Values), D(rows)]));

    private string Centered => Once(nameof(Centered), () => N("Sub", [Values, Mean]));

    private string Squares => Once(nameof(Squares), () => Sum(N("Mul", [Centered, Centered])));

    private string Variance => Once(nameof(Variance), () => N("Div", [Squares, D(rows)]));

    private string Energy => Once(nameof(Energy), () => N("Add", [Variance, N("Mul", [Mean, Mean])]));

    private string Sorted => Once(nameof(Sorted), () => Wide(Ordered(nodes.Value)));

    private string Total => Once(nameof(Total), () => Sum(Power));

    private string Moment(int power)
    {
        var square = N("Mul", [Centered, Centered]);
        return N("Div", [Sum(N("Mul", [square, power == 3 ? Centered : square])), D(rows)]);
    }

    private string Ordered(string values)
    {
        var sorted = N("TopK", [values, nodes.Whole([rows])], Of("axis", 2), Of("largest", 0), Of("sorted", 1));
        nodes.Nodes[^1] = nodes.Nodes[^1] with { Outputs = [sorted, $"{sorted}.places"] };
        return sorted;
    }

    private string Quantile(double share)
    {
        var place = share * (rows - 1);
        var below = (int)place;
        var from = At(Sorted, below);
        return below + 1 == rows ? from : N("Add", [from, N("Mul", [N("Sub", [At(Sorted, below + 1), from]), D(place - below)])]);
    }

    private string MedianDeviation()
    {
        var sorted = Ordered(N("Abs", [N("Sub", [Values, Quantile(0.5)])]));
        return rows % 2 == 1 ? At(sorted, rows / 2) : N("Div", [N("Add", [At(sorted, (rows / 2) - 1), At(sorted, rows / 2)]), D(2)]);
    }

    private string Crossings(string values)
    {
        var below = N("Less", [values, D(0)]);
        return Sum(Wide(N("Xor", [Slice(below, 0, rows - 1), Slice(below, 1, rows)])));
    }

    private string Jerk()
    {
        var steps = N("Sub", [Slice(Centered, 1, rows), Slice(Centered, 0, rows - 1)]);
        var mean = N("Div", [N("Sub", [At(Centered, rows - 1), At(Centered, 0)]), D(rows - 1)]);
        var away = N("Sub", [steps, mean]);
        return N("Mul", [N("Sqrt", [N("Div", [Sum(N("Mul", [away, away])), D(rows - 1)])]), D(plan.SamplesPerSecond)]);
    }

    /// <summary>Returns r(k) · Σd²: [signals, n/2].</summary>
    private string Lags(int from)
    {
        var count = (rows / 2) + 2;
        var all = Once(nameof(Lags), () =>
        {
            var padded = N("Pad", [Centered, nodes.Whole([0, 0, 0, 0, 0, count - 1]), D(0)]);
            var places = N("Add", [nodes.Whole([.. Enumerable.Range(0, count).Select(static k => (long)k)], count, 1),
                nodes.Whole([.. Enumerable.Range(0, rows).Select(static i => (long)i)])]);
            var moved = N("Gather", [padded, places], Of("axis", 2));
            return N("Squeeze", [N("MatMul", [moved, N("Unsqueeze", [Centered, nodes.Whole([3])])]), nodes.Whole([3])]);
        });
        return Slice(all, from, from + (rows / 2));
    }

    /// <summary>Returns 1 at the first peak above 0 after a lag below 0, otherwise 0; lags 1 to n/2.</summary>
    private string FirstPeak => Once(nameof(FirstPeak), () =>
    {
        var (before, here, next) = (Lags(0), Lags(1), Lags(2));
        var fallen = N("CumSum", [Wide(N("Less", [before, D(0)])), nodes.Whole([2])]);
        var rises = N("And", [N("Greater", [fallen, D(0)]), N("Greater", [here, D(0)])]);
        var peaks = Wide(N("And", [N("And", [rises, N("Less", [before, here])]), N("GreaterOrEqual", [here, next])]));
        return N("Mul", [peaks, Wide(N("Less", [N("CumSum", [peaks, nodes.Whole([2])]), D(1.5)]))]);
    });

    private string Power => Once(nameof(Power), () =>
    {
        var angles = N("Mod", [N("Mul", [nodes.Whole([.. Enumerable.Range(0, rows).Select(static i => (long)i)], rows, 1),
            nodes.Whole([.. Enumerable.Range(0, Bins).Select(static k => (long)k)])]), nodes.Whole([rows])]);
        var (real, imaginary) = (Part("cosines", Math.Cos), Part("sines", Math.Sin));
        var weights = Row("power", Bins, k => (k == 0 ? 0 : 2 * k == rows ? 1.0 : 2.0) / rows / rows);
        return N("Mul", [N("Add", [N("Mul", [real, real]), N("Mul", [imaginary, imaginary])]), weights]);

        string Part(string name, Func<double, double> wave) => N("MatMul",
            [Centered, N("Gather", [Row(name, rows, i => wave(2 * Math.PI * i / rows)), angles], Of("axis", 0))]);
    });

    private string Entropy()
    {
        if (Bins < 3) { return N("Mul", [Total, D(0)]); }
        var shares = N("Div", [Power, Total]);
        var terms = Where(shares, N("Mul", [shares, N("Log", [shares])]));
        var entropy = N("Div", [Sum(terms), D(-Math.Log(Bins - 1))]);
        return Where(Total, N("Clip", [entropy, D(0), D(1)]));
    }

    private string Bands()
    {
        var inside = new double[Bins * plan.Bands.Length];
        foreach (var (b, (from, to)) in plan.Bands.Index())
        {
            for (var k = from; k < to; k++) { inside[(k * plan.Bands.Length) + b] = 1; }
        }

        return N("MatMul", [Power, nodes.Doubles("bands", [Bins, plan.Bands.Length], inside)]);
    }

    private string Correlations()
    {
        long[] first = [.. plan.Pairs.Select(static p => (long)p.First)], second = [.. plan.Pairs.Select(static p => (long)p.Second)];
        var product = Sum(N("Mul", [Of(Centered, first), Of(Centered, second)]));
        var (a, b) = (Of(Squares, first), Of(Squares, second));
        var correlation = N("Clip", [N("Div", [product, N("Mul", [N("Sqrt", [a]), N("Sqrt", [b])])]), D(-1), D(1)]);
        return Where(a, Where(b, correlation));
    }

    private string Areas()
    {
        var areas = Number(13);
        return N("Add", [N("Add", [Of(areas, [.. plan.Areas.Select(static a => (long)a.X)]),
            Of(areas, [.. plan.Areas.Select(static a => (long)a.Y)])]), Of(areas, [.. plan.Areas.Select(static a => (long)a.Z)])]);
    }

    private string Of(string values, long[] signals) => N("Gather", [values, nodes.Whole(signals)], Of("axis", 1));

    private string Where(string positive, string value) => N("Where", [N("Greater", [positive, D(0)]), value, D(0)]);

    private string Sum(string values) => N("ReduceSum", [values, nodes.Whole([2])], Of("keepdims", 1));

    private string Wide(string values) => N("Cast", [values], Of("to", OnnxTensor.Double));

    private string At(string values, int place) => Slice(values, place, place + 1);

    private string Slice(string values, int from, int to) => N("Slice", [values, nodes.Whole([from]), nodes.Whole([to]), nodes.Whole([2])]);

    private string D(double value) => nodes.Doubles($"{value:R}", [], [value]);

    private string Row(string name, int count, Func<int, double> value) =>
        nodes.Doubles(name, [count], [.. Enumerable.Range(0, count).Select(value)]);

    private string Once(string name, Func<string> make) => _made.TryGetValue(name, out var made) ? made : _made[name] = make();

    private string N(string operation, IReadOnlyList<string> inputs, params OnnxAttribute[] attributes) =>
        nodes.Node(operation, [.. inputs], attributes);

    private static OnnxAttribute Axis2 => new("axes") { Integers = [2] };

    private static OnnxAttribute Of(string name, long value) => new(name) { Integer = value };
}
