namespace StreamLearn;

/// <summary>The data inputs of a block that starts work on queued messages. The messages stay on their bounded, checkpointed edges until
/// the work is done and the block is called.</summary>
internal sealed class AheadInputs
{
    private readonly IBeginsAhead _worker;
    private readonly Action _over;
    private readonly List<Input> _inputs = [];
    private readonly List<Begun> _left = [];     // messages that their edges have dropped in the meantime
    private int _next;

    internal AheadInputs(OperatorStage stage, IBeginsAhead worker) => (_worker, _over) = (worker, stage.Schedule);

    internal bool AreAtWork
    {
        get
        {
            foreach (var work in _left)
            {
                if (!work.IsOver) { return true; }
            }

            foreach (var input in _inputs)
            {
                if (input.IsAtWork) { return true; }
            }

            return false;
        }
    }

    internal RunEdge Add(StageEdge edge)
    {
        var input = new Input(this, edge);
        _inputs.Add(input);
        return input;
    }

    /// <summary>Starts as much work as allowed, from each edge in turn. The pump calls it.</summary>
    internal void Begin()
    {
        var count = 0;
        foreach (var input in _inputs) { count += input.LeaveDropped(); }
        for (var i = _left.Count - 1; i >= 0; i--)
        {
            if (!_left[i].IsOver) { continue; }
            _left[i].End();
            _left.RemoveAt(i);
        }

        count += _left.Count;
        for (var idle = 0; idle < _inputs.Count && count < _worker.MaxBegun;)
        {
            var hasBegun = _inputs[_next].TryBegin();
            _next = _next + 1 == _inputs.Count ? 0 : _next + 1;
            (idle, count) = hasBegun ? (0, count + 1) : (idle + 1, count);
        }
    }

    internal void End()
    {
        foreach (var input in _inputs) { input.LeaveAll(); }
        foreach (var work in _left) { work.End(); }
        _left.Clear();
    }

    private sealed class Input(AheadInputs all, StageEdge edge) : RunEdge(edge.Queue)
    {
        private readonly Queue<(object Message, Begun Work)> _begun = [];      // the first waiting messages, in order

        internal bool IsAtWork
        {
            get
            {
                foreach (var (_, work) in _begun)
                {
                    if (!work.IsOver) { return true; }
                }

                return false;
            }
        }

        internal override bool HasItems => edge.HasItems && _begun.TryPeek(out var first) && first.Work.IsOver;

        internal override bool HasEnded => edge.HasEnded;

        internal override bool TryTake(out Item item)
        {
            item = default;
            if (!_begun.TryPeek(out var first) || !first.Work.IsOver) { return false; }
            if (!edge.TryTakeThis(first.Message, out item))
            {
                all._over();       // the edge has just dropped the message
                return false;
            }

            all._worker.Take(_begun.Dequeue().Work);
            return true;
        }

        internal int LeaveDropped()
        {
            while (_begun.TryPeek(out var first) && !edge.IsFirst(first.Message)) { all._left.Add(_begun.Dequeue().Work); }
            return _begun.Count;
        }

        internal void LeaveAll()
        {
            while (_begun.TryDequeue(out var begun)) { all._left.Add(begun.Work); }
        }

        internal bool TryBegin()
        {
            if (edge.TryRetain(_begun.Count) is not var (message, given)) { return false; }
            _begun.Enqueue((message, all._worker.Begin(given, all._over)));
            return true;
        }

        public override bool TryGive(ReadOnlySpan<(int Port, Item Item)> items, ref int place) => edge.TryGive(items, ref place);

        public override void EndSender() => edge.EndSender();

        internal override void EndReceiver() => edge.EndReceiver();
    }
}
