using System.Runtime.InteropServices;

namespace StreamLearn.Nodes;

/// <summary>Distributes the input of a block, gathers its output, continues with the next block, and answers in order.</summary>
internal sealed class InferInParts(InferInPartsBlock block, OperatorContext context, IOutput<Batch> answers, IOutput<PartTask> tasks)
    : Operator<Batch>, IStateful, IDisposable, IControlledBy<Weights>, IControlledBy<PartResult>, IControlledBy<Presence>
{
    private const int Remembered = 64;          // shares reassigned to another worker, to distinguish late results from duplicates

    private readonly Network _network = block.Network;
    private readonly InferPartsOptions _options = block.Options;
    private readonly MessageNumbers _numbers = new(block.Options.Epoch, context);
    private readonly NewestModel _newest = new(block.Network, context, block.Options.Start);
    private readonly FeatureRows _rows = new(block.Network.Plan, context, labelled: false);
    private readonly AnswerBatches _answers = new(block.Answers, context);
    private readonly PartWorkers _workers = new(block.Options, context);
    private readonly PartCache _cache = new(block.Network);
    private readonly PartFlight[] _flights = [.. Enumerable.Range(0, block.Options.InFlight).Select(_ => new PartFlight())];
    private readonly (long Sequence, IndexRange Lines, int Worker)[] _moved = new (long, IndexRange, int)[Remembered];
    private readonly ImmutableArray<CutBlock> _cuts = block.Cuts;
    private readonly Workspace _memory = new();
    private readonly List<PartTask> _sending = [];      // tasks of this call, sent after its answers
    private readonly List<IndexRange> _parts = [];      // parts to combine
    private int _first;         // index of the oldest flight
    private int _count;
    private int _movedCount;

    public override bool Ready => _count < _flights.Length;

    public override bool AwaitingReplies => _count > 0;

    public string StateFormat => "infer-in-parts/3";

    public void State(ref StateStream s)
    {
        _numbers.State(ref s);
        _newest.State(ref s);
        _workers.State(ref s);
        _count = s.Value(_count, 0, _flights.Length);
        for (var i = 0; i < _count; i++) { At(i).State(ref s, _network.Plan, _cuts, _workers.Count); }

        _movedCount = s.Value(_movedCount, 0, int.MaxValue);
        foreach (ref var moved in _moved.AsSpan())
        {
            moved = (s.Value(moved.Sequence), new(s.Value(moved.Lines.From), s.Value(moved.Lines.To)), s.Value(moved.Worker));
        }
    }

    public override void Process(Batch input)
    {
        if (!_rows.Read(input))
        {
            context.Drop(input, "schema");
            return;
        }

        if (_rows.Count > 0) { Begin(input); }
        input.Dispose();
        Send();
    }

    public void Control(Weights message) => _newest.Take(message);

    /// <summary>Reassigns refused parts. Non-finite results are recomputed here, because the rows or the worker may be faulty.</summary>
    public void Control(PartResult message)
    {
        var worker = _workers.IndexOf(message.Worker);
        if (Identify(message, worker) is { } reason)
        {
            context.Drop(message, reason);
            return;
        }

        var flight = Find(message.Sequence);
        var place = flight?.Shares.FindIndex(s => s.Lines == message.Lines && s.Worker == worker) ?? -1;
        if (place < 0 || flight!.Shares[place].IsDone)
        {
            context.Drop(message, Array.IndexOf(_moved, (message.Sequence, message.Lines, worker)) >= 0 ? "late" : "duplicate");
            return;
        }

        if (message.Refusal is not null)
        {
            context.Record("parts-refused");
            if (message.Version > flight.Weights.Id) { ComputeHere(flight, place); }        // the next input uses a newer version
            else
            {
                _workers.TakeOut(worker);
                MoveFrom(worker);
            }
        }
        else if (message.Version != flight.Weights.Id) { context.Drop(message, "version"); }
        else
        {
            var part = PartOf(flight, message.Lines);
            if (message.Rows != flight.Rows || message.Values.Length != flight.Rows * part.Output.Size)
            {
                context.Drop(message, "shape");
                return;
            }

            if (Finite.All(message.Values.AsSpan()))
            {
                part.PutOutputs(message.Values.AsSpan(), flight.Rows, flight.Outputs);
                flight.Done(place);
            }
            else { ComputeHere(flight, place); }

            context.Record("parts-answered");
        }

        Continue();
    }

    public void Control(Presence message)
    {
        var worker = _workers.IndexOf(message.Device);
        if (worker < 0 || message.TopicDevice is not null) { return; }
        if (message.Kind == PresenceKind.Leave) { _workers.Leave(worker); }
        else if (message.Kind == PresenceKind.Hello) { _workers.TakeIn(worker); }
        else { return; }
        MoveFrom(worker);
        Send();
    }

    public override void WakeUp()
    {
        TakeOutTheLate();
        PartFlight? computed = null;        // one input per call, so that results of others can arrive in between
        for (var i = 0; i < _count; i++)
        {
            var flight = At(i);
            for (var n = 0; n < flight.Shares.Count; n++)
            {
                var share = flight.Shares[n];
                if (share.IsDone) { continue; }
                var isHere = share.Worker == PartShare.Here;
                if (isHere && (computed ??= flight) == flight) { ComputeHere(flight, n); }
                else { context.WakeAt(isHere ? context.Now : share.Deadline); }
            }
        }

        Continue();
    }

    /// <summary>Computes the rest here, because no more results can arrive.</summary>
    public override void Complete()
    {
        while (_count > 0)
        {
            for (var n = 0; n < At(0).Shares.Count; n++)
            {
                if (!At(0).Shares[n].IsDone) { ComputeHere(At(0), n); }
            }

            Continue(isLast: true);
        }
    }

    public void Dispose()
    {
        foreach (var flight in _flights) { flight.Answers?.Dispose(); }
    }

    private PartFlight At(int place) => _flights[(_first + place) % _flights.Length];

    private PartFlight? Find(long sequence)
    {
        for (var i = 0; i < _count; i++)
        {
            if (At(i).Sequence == sequence) { return At(i); }
        }

        return null;
    }

    private NetworkPart PartOf(PartFlight flight, IndexRange outputs) => _cache.Of(_cuts[flight.Block], outputs);

    private ReadOnlySpan<float> ValuesOf(PartFlight flight) =>
        ReferenceEquals(flight.Weights, _newest.Weights) ? _newest.Values : flight.Weights.Values.AsSpan();

    private string? Identify(PartResult message, int worker) =>
        message.Device != context.Pipeline ? "other-device"
        : worker < 0 ? "other-worker"
        : message.SchemaHash != _network.Plan.SchemaHash && message.Refusal is null ? "schema"
        : message.Epoch != _numbers.Epoch ? "epoch"
        : message.Sequence < 1 || message.Sequence > _numbers.Last ? "unknown"
        : null;

    private void Begin(Batch input)
    {
        var (mark, rows, width) = (_memory.Mark(), _rows.Count, _network.Plan.Outputs);
        var none = _memory.Rent(rows * width);
        none.Clear();
        var flight = At(_count++);
        flight.Begin(rows, _answers.Of(input, _rows, none), input.Privacy, _newest.Weights);
        if (_options.Versions) { flight.Answers![InferBlock.VersionColumn].Writable<long>().Fill(_newest.Weights.Version); }
        _memory.Release(mark);
        Enter(flight, 0, from: 0, _rows.Unlabelled.Features);
    }

    private void Enter(PartFlight flight, int next, int from, ReadOnlySpan<float> activations)
    {
        var (cut, mark) = (_cuts[next], _memory.Mark());
        var inputs = _memory.Rent(flight.Rows * cut.InputSize);
        _network.InferLayers(ValuesOf(flight), from, cut.First, activations, flight.Rows, inputs, _memory);
        context.Charge(MultiplyAdds(from, cut.First) * flight.Rows);
        flight.Enter(next, _numbers.Next(), cut, inputs);
        _memory.Release(mark);
        Give(flight, new(0, cut.Count), isWhole: false);
    }

    private void Give(PartFlight flight, IndexRange lines, bool isWhole)
    {
        var dealt = _workers.Deal(flight.Block, isWhole ? 1 : lines.Count);
        var members = _workers.MembersOf(flight.Block);
        var (from, deadline) = (lines.From, context.Now + _options.Deadline);
        for (var i = 0; i < dealt.Length; i++)
        {
            if (dealt[i] == 0) { continue; }
            var share = new PartShare(new(from, isWhole ? lines.To : from + dealt[i]), members[i], deadline, IsDone: false);
            from = share.Lines.To;
            flight.Shares.Add(share);
            var isHere = share.Worker == PartShare.Here;
            context.WakeAt(isHere ? context.Now : deadline);
            if (!isHere) { _sending.Add(TaskOf(flight, share)); }
        }
    }

    private PartTask TaskOf(PartFlight flight, PartShare share)
    {
        var (part, cut) = (PartOf(flight, share.Lines), _cuts[flight.Block]);
        var values = GC.AllocateUninitializedArray<float>(flight.Rows * part.Input.Size);
        part.TakeInputs(flight.Inputs, flight.Rows, values);
        return new()
        {
            Device = context.Pipeline,
            Worker = _workers[share.Worker],
            Epoch = _numbers.Epoch,
            Sequence = flight.Sequence,
            SchemaHash = _network.Plan.SchemaHash,
            Version = flight.Weights.Id,
            First = cut.First,
            End = cut.End,
            By = cut.By,
            Lines = share.Lines,
            Rows = flight.Rows,
            Values = ImmutableCollectionsMarshal.AsImmutableArray(values),
            Privacy = flight.Label,
        };
    }

    private void Send()
    {
        foreach (var task in _sending) { tasks.Emit(task); }
        _sending.Clear();
    }

    private void TakeOutTheLate()
    {
        var late = 0UL;
        for (var i = 0; i < _count; i++)
        {
            foreach (var share in At(i).Shares)
            {
                if (!share.IsDone && share.Worker != PartShare.Here && share.Deadline <= context.Now) { late |= 1UL << share.Worker; }
            }
        }

        for (var worker = 0; worker < _workers.Count; worker++)
        {
            if ((late >> worker & 1) == 0) { continue; }
            context.Record("workers-lost");
            _workers.TakeOut(worker);
        }

        for (var worker = 0; worker < _workers.Count; worker++)
        {
            if ((late >> worker & 1) != 0) { MoveFrom(worker); }
        }
    }

    private void MoveFrom(int worker)
    {
        for (var i = 0; i < _count; i++)
        {
            var flight = At(i);
            for (var n = flight.Shares.Count; n-- > 0;)
            {
                var share = flight.Shares[n];
                if (share.IsDone || share.Worker != worker) { continue; }
                _moved[_movedCount++ % Remembered] = (flight.Sequence, share.Lines, worker);
                _movedCount %= int.MaxValue - Remembered;
                context.Record("parts-moved");
                flight.Shares.RemoveAt(n);
                // appended, so not visited again. Dividing statistics again would change the bits of the mean.
                Give(flight, share.Lines, isWhole: _cuts[flight.Block].GivesStatistics);
            }
        }
    }

    private void ComputeHere(PartFlight flight, int place)
    {
        var (part, mark) = (PartOf(flight, flight.Shares[place].Lines), _memory.Mark());
        var inputs = _memory.Rent(flight.Rows * part.Input.Size);
        var outputs = _memory.Rent(flight.Rows * part.Output.Size);
        part.TakeInputs(flight.Inputs, flight.Rows, inputs);
        part.Run(ValuesOf(flight), inputs, flight.Rows, outputs, _memory);
        part.PutOutputs(outputs, flight.Rows, flight.Outputs);
        _memory.Release(mark);
        context.Charge(part.MultiplyAdds * flight.Rows);
        context.Record("parts-here");
        flight.Done(place);
    }

    /// <summary>Answers the oldest first. No tasks are sent at the end, when no worker would answer.</summary>
    private void Continue(bool isLast = false)
    {
        for (var i = 0; i < _count; i++)
        {
            if (At(i).IsDone && At(i).Block + 1 < _cuts.Length) { Leave(At(i)); }
        }

        while (_count > 0 && At(0).IsDone)
        {
            Leave(At(0));
            (_first, _count) = ((_first + 1) % _flights.Length, _count - 1);
        }

        if (isLast) { _sending.Clear(); }
        else { Send(); }
    }

    private void Leave(PartFlight flight)
    {
        var (cut, next, mark) = (_cuts[flight.Block], flight.Block + 1, _memory.Mark());
        ReadOnlySpan<float> given = flight.Outputs;
        if (cut.GivesStatistics)
        {
            _parts.Clear();
            foreach (var share in flight.Shares) { _parts.Add(share.Lines); }
            var merged = _memory.Rent(flight.Rows * _network.Boundaries[cut.End].Size);
            cut.Merge(CollectionsMarshal.AsSpan(_parts), flight.Outputs, flight.Rows, merged);
            given = merged;
        }

        if (next < _cuts.Length) { Enter(flight, next, cut.End, given); }
        else { Answer(flight, cut.End, given); }
        _memory.Release(mark);
    }

    private void Answer(PartFlight flight, int from, ReadOnlySpan<float> activations)
    {
        var end = _memory.Rent(flight.Rows * _network.Boundaries[^1].Size);
        var outputs = _memory.Rent(flight.Rows * _network.Plan.Outputs);
        var last = _network.Layers.Length;
        _network.InferLayers(ValuesOf(flight), from, last, activations, flight.Rows, end, _memory);
        _network.InferEnd(ValuesOf(flight), end, flight.Rows, outputs, _memory);
        context.Charge(MultiplyAdds(from, last) * flight.Rows);
        if (Written(flight, outputs) is { } batch) { answers.Emit(batch); }
    }

    /// <summary>Null: all rows have non-finite outputs and are dropped.</summary>
    private Batch? Written(PartFlight flight, Span<float> outputs)
    {
        var (batch, width, kept) = (flight.End(), _network.Plan.Outputs, 0);
        if (Finite.All(outputs))
        {
            _answers.Write(outputs, batch);
            return batch;
        }

        for (var r = 0; r < flight.Rows; r++) { kept += Finite.All(outputs.Slice(r * width, width)) ? 1 : 0; }
        context.DropRows((flight.Rows - kept) * _network.Plan.Input.Samples, "non-finite");
        var rest = kept == 0 ? null : context.Pool.Rent(batch.Schema, kept);
        kept = 0;
        for (var r = 0; r < flight.Rows && rest is not null; r++)
        {
            var row = outputs.Slice(r * width, width);
            if (!Finite.All(row)) { continue; }
            for (var c = 0; c < batch.Columns.Count; c++) { rest.Columns[c].CopyFrom(kept, batch.Columns[c], r, 1); }
            row.CopyTo(outputs[(kept++ * width)..]);
        }

        if (rest is not null) { _answers.Write(outputs[..(kept * width)], rest); }
        batch.Dispose();
        return rest;
    }

    private long MultiplyAdds(int from, int to)
    {
        var sum = to == _network.Layers.Length ? _network.HeadPlans[^1].MultiplyAdds : 0;
        for (var i = from; i < to; i++) { sum += _network.LayerPlans[i].MultiplyAdds; }
        return sum;
    }
}
