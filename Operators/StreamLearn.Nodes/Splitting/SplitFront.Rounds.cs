namespace StreamLearn.Nodes;

internal sealed partial class SplitFront
{
    /// <summary>Submits the layers of this side and requests those of the next version; a repeated request keeps its number.</summary>
    private void AskForRound(bool isLast)
    {
        var sequence = isLast ? _numbers.Next() : _move.Since;
        if (!isLast) { _move.Asked(backsOff: true); }
        var round = _rounds.End(isLast);
        if (isLast && _move.IsUnderWay) { round = round with { Batches = 0, Rows = 0 }; }       // the batches were sent
        activations.Emit(Message(sequence) with
        {
            Round = round,
            Moments = _rounds.Joins ? null : _rounds.Moments,
            Resources = _rounds.Joins ? _options.Resources : null,
            Part = round.Batches == 0 || _part.IsEmpty ? null : _part.Take(0, _part.End) with { State = [] },
        });
    }

    private void BeginRound(BoundaryGradients message)
    {
        var split = message.Split;
        var reason = message.Begins is null || split < Math.Min(_options.MinLayers, block.Split) || split > _model.PartCount ? "split"
            : split > 0 || message.Part is not null ? _part.RefuseValues(message.Part, 0, split) : null;
        if (reason is not null)
        {
            context.Drop(message, reason);
            return;
        }

        _part.Begin(0, split, message.Part is { } part ? part.Values.AsSpan() : [], _rounds.Begin(message.Begins!.Value, message.HasScale));
        if (_rounds.OwnScale is { Count: > 0 } own) { _part.UseScale(own); }
        _move.End();
        context.Record("updates-answered");
        context.Gauge("layers", split);
    }

    /// <summary>Called when the edge lost the round, or this side is behind: both restart from the newest version.</summary>
    private void Void(BoundaryGradients message)
    {
        if (!_rounds.AreOn || !(_move.IsUnderWay ? message.Sequence == _move.Since : _flights.Has(message)))
        {
            context.Drop(message, "late");
            return;
        }

        context.Record("rounds-void");
        _flights.GiveUpAll();
        _move.End();
        context.Record("rows-void", _rounds.Void());
    }

    private void Repeat(Activations message) => activations.Emit(message with { Edge = _edge.Name });

    /// <summary>Called when a new edge answers from now on: resends unanswered messages.</summary>
    private void SendAgain()
    {
        context.Record("edge-changes");
        _flights.SendAgain(Repeat);
        if (_move.IsUnderWay && _rounds.IsOver) { AskForRound(isLast: false); }
    }
}
