namespace StreamLearn.Nodes;

internal sealed partial class InferAcross
{
    private void Answer(Batch input)
    {
        var mark = _memory.Mark();
        var (rows, cut) = (_rows.Count, CutNow());
        if (_exits.Length < rows) { _exits = new int[rows]; }
        var exits = _exits.AsSpan(0, rows);
        var probabilities = _memory.Rent(rows * _model.Plan.Outputs);
        var values = _memory.Rent(rows * _model.Boundaries[cut].Size);
        var executed = _model.AnswerPart(_newest.Values, 0, cut, _rows.Unlabelled.Features, rows, _leaving, probabilities, exits, values,
            _memory);
        _picked.Clear();
        for (var r = 0; r < rows; r++)
        {
            if (exits[r] < 0) { _picked.Add(r); }
        }

        values = values[..(_picked.Count * _model.Boundaries[cut].Size)];
        var lastExit = ExitBefore(cut);
        foreach (var r in _picked) { exits[r] = lastExit; }
        if (_edge.IsGone) { _context.Record("gone", rows); }
        var isAsked = MayAsk(cut);
        Charge(0, cut, executed);
        if (!isAsked && _picked.Count > 0 && lastExit < 0)
        {
            var rest = RunPicked(cut, values, probabilities, exits);
            Charge(cut, Layers, rest);
            executed += rest;
        }

        _work.Begin(_context, executed, cut);
        if (isAsked) { Ask(input, cut, values, probabilities); }
        else { Give(new(0, _context.Now, AnswersOf(input, all: true, probabilities))); }
        _memory.Release(mark);
    }

    private void Ask(Batch input, int cut, ReadOnlySpan<float> values, ReadOnlySpan<float> probabilities)
    {
        var rest = _picked.Count * _model.MultiplyAdds(cut, Layers);
        ImmutableArray<float> sent = [.. values];
        var boundary = _edge.Rows(cut, _model.Plan.SchemaHash, _picked.Count) with { Values = sent };
        var isSplit = !_options.InOrder && _picked.Count < _rows.Count;
        var rows = new int[_picked.Count];
        for (var i = 0; i < rows.Length; i++) { rows[i] = isSplit ? i : _picked[i]; }
        var answers = AnswersOf(input, all: !isSplit, probabilities);
        if (isSplit) { Emit(AnswersOf(input, all: false, probabilities, sure: true)); }
        Add(new(_edge.Ask(boundary, _newest.Weights.Id, rest, input.Privacy), _context.Now + _options.Within, answers)
        {
            Rows = rows,
            Values = ExitBefore(cut) < 0 ? sent : [],
            Cut = cut,
        });
    }

    private bool MayAsk(int cut)
    {
        if (_edge.IsGone || _picked.Count == 0) { return false; }
        var reason = _edge.InFlight >= _options.MaxInFlight ? "busy" : IsTooLarge(cut, _picked.Count) ? "too-large" : null;
        if (reason is not null) { _context.Record(reason, _picked.Count); }
        return reason is null;
    }

    private bool IsTooLarge(int cut, double rows) => cut < Layers
        && EdgeRequests.HeadBytes + (rows * _costs.ValuesAt(cut) * _options.BytesPerValue) > _options.MaxRequestBytes;

    private int CutNow() => _edge.IsGone && _options.MaxOf(_model) == Layers
        && _rows.Count * _pace.SecondsTo(Layers) < _options.Within.TotalSeconds / 2 ? Layers : _cut;

    private int ExitBefore(int cut)
    {
        var exit = _model.ExitCount - 1;
        while (exit >= 0 && _model.Exits[exit].After >= cut) { exit--; }
        return exit;
    }

    private long RunPicked(int cut, ReadOnlySpan<float> values, Span<float> probabilities, Span<int> exits)
    {
        var (classes, count) = (_model.Plan.Outputs, _picked.Count);
        var some = _memory.Rent(count * classes);
        var left = Left(count);
        var executed = RunRest(cut, values, some, left);
        for (var i = 0; i < count; i++)
        {
            some.Slice(i * classes, classes).CopyTo(probabilities[(_picked[i] * classes)..]);
            exits[_picked[i]] = left[i];
        }

        return executed;
    }

    private long RunRest(int cut, ReadOnlySpan<float> values, Span<float> probabilities, Span<int> exits)
    {
        var end = _memory.Rent(exits.Length * _model.Boundaries[Layers].Size);
        return _model.AnswerPart(_newest.Values, cut, Layers, values, exits.Length, _leaving, probabilities, exits, end, _memory);
    }

    /// <summary>Charges work; rows that exit early count only the layers that they ran.</summary>
    private void Charge(int first, int end, long executed)
    {
        var row = _costs.MultiplyAddsOf(first, end);
        _context.ChargeLayers(first, end, row == 0 ? 0 : (int)Math.Round((double)executed / row), backward: false, executed);
    }

    private Span<int> Left(int rows)
    {
        if (_left.Length < rows) { _left = new int[rows]; }
        return _left.AsSpan(0, rows);
    }

    private void FinishHere(WaitingAnswers one)
    {
        if (one.IsDecided || one.Values.IsEmpty) { return; }
        var mark = _memory.Mark();
        var probabilities = _memory.Rent(one.Rows.Length * _model.Plan.Outputs);
        var exits = Left(one.Rows.Length);
        var executed = RunRest(one.Cut, one.Values.AsSpan(), probabilities, exits);
        Charge(one.Cut, Layers, executed);
        Write(one.Answers, one.Rows, probabilities, exits, Here);
        _memory.Release(mark);
        one.Values = [];
    }

    private Batch AnswersOf(Batch input, bool all, ReadOnlySpan<float> probabilities, bool sure = false)
    {
        if (!ReferenceEquals(_input, input.Schema)) { (_input, _schema) = (input.Schema, _block.Output(input.Schema)); }
        var (classes, place, picked) = (_model.Plan.Outputs, 0, 0);
        var batch = _context.Pool.Rent(_schema!, all ? _rows.Count : sure ? _rows.Count - _picked.Count : _picked.Count);
        Span<int> at = stackalloc int[1];
        Span<int> exit = stackalloc int[1];
        for (var r = 0; r < _rows.Count; r++)
        {
            var isPicked = picked < _picked.Count && _picked[picked] == r;
            picked += isPicked ? 1 : 0;
            if (!all && isPicked == sure) { continue; }
            Carry(input, batch, Schema.TimeColumn, r, place);
            Carry(input, batch, Schema.LabelColumn, r, place);
            batch[InferBlock.VersionColumn].Writable<long>()[place] = _newest.Weights.Version;
            (at[0], exit[0]) = (place++, _exits[r]);
            Write(batch, at, probabilities.Slice(r * classes, classes), exit, Here);
        }

        return batch;
    }

    private void Carry(Batch from, Batch to, string name, int row, int place)
    {
        if (from.TryColumn(name, out var source) && to.TryColumn(name, out var target)) { _rows.Carry(source, row, target, place); }
    }

    private void Write(Batch answers, ReadOnlySpan<int> rows, ReadOnlySpan<float> probabilities, ReadOnlySpan<int> exits, int place)
    {
        var classes = _model.Plan.Outputs;
        var answer = answers[InferBlock.ClassColumn].Writable<int>();
        var confidence = answers[InferBlock.ConfidenceColumn].Writable<float>();
        var exit = answers[InferBlock.ExitColumn].Writable<int>();
        var places = answers[InferAcrossBlock.PlaceColumn].Writable<int>();
        for (var i = 0; i < rows.Length; i++)
        {
            var row = probabilities.Slice(i * classes, classes);
            var best = ModelPlan.ClassOf(row);
            (answer[rows[i]], confidence[rows[i]], exit[rows[i]], places[rows[i]]) = (best, row[best], exits[i], place);
        }
    }

    private static bool AreProbabilities(ReadOnlySpan<float> values, int classes)
    {
        for (var at = 0; at < values.Length; at += classes)
        {
            var sum = 0f;
            foreach (var value in values.Slice(at, classes))
            {
                if (!(value >= 0 && value <= 1.0001f)) { return false; }
                sum += value;
            }

            if (sum < 0.5f) { return false; }
        }

        return true;
    }
}
