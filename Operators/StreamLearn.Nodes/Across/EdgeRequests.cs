namespace StreamLearn.Nodes;

/// <summary>Tracks requests, probes the link, and detects that the edge is lost.</summary>
internal sealed class EdgeRequests(AcrossOptions options, OperatorContext context, IOutput<RestRequest> requests)
{
    private const int MissesUntilGone = 3;
    private const int UnseenWeight = 4, UnseenUntilBlind = 8, MaxUnseen = 16;
    private const int MaxFlights = 128;
    private const int MaxBlindProbes = 16;
    internal const int HeadBytes = 200;             // bytes of a request in addition to its values: names, numbers and headers
    private const double ShareOfProbes = 0.2;

    private readonly MessageNumbers _numbers = new(options.Epoch, context);
    private readonly LinkMeter _link = new();
    private readonly List<RestFlight> _flights = [];
    private RestLoad _onTheWay;
    private DateTimeOffset _nextProbe;
    private DateTimeOffset _nextRate;               // when the next rate probe is due
    private int _missed;
    private int _blindProbes;                       // number of probes since the edge appeared
    private int _unseen;                            // number of answers that arrived during computation; it fades

    /// <summary>True before the first answer and after several missing ones in a row: only probes are sent.</summary>
    internal bool IsGone { get; private set; } = true;

    internal int InFlight { get; private set; }

    /// <summary>A device that always computes cannot measure when an answer arrives.</summary>
    internal bool IsBlind => _unseen >= UnseenUntilBlind;

    /// <summary>A device that cannot measure when answers arrive stops searching after some probes.</summary>
    internal bool IsSearching => Link is null && options.Cut is null && (!IsBlind || _blindProbes < MaxBlindProbes);

    internal bool IsDoubtful => _link.IsDoubtful;

    internal bool IsProbed => _flights.Exists(static f => f.MultiplyAdds == 0);

    internal DateTimeOffset NextProbe => _nextProbe;

    internal double EdgePace { get; private set; }

    internal (double RoundTrip, double SecondsPerByte)? Link =>
        _link is { RoundTrip: { } trip, SecondsPerByte: { } perByte } ? (trip, perByte) : null;

    internal void State(ref StateStream s)
    {
        _numbers.State(ref s);
        _link.State(ref s);
        s.Items(_flights, MaxFlights, static (ref StateStream s, ref RestFlight one) => RestFlight.State(ref s, ref one));
        _onTheWay = RestLoad.State(ref s, _onTheWay);
        s.ClockTime(ref _nextProbe);
        s.ClockTime(ref _nextRate);
        s.Value(ref _missed, 0, MissesUntilGone);
        s.Value(ref _unseen, 0, MaxUnseen);
        s.Value(ref _blindProbes, 0, MaxBlindProbes);
        (IsGone, EdgePace) = (s.Value(IsGone), s.Value(EdgePace));
        if (s.IsReading) { InFlight = _flights.Count(static f => f.MultiplyAdds > 0); }
    }

    internal long Ask(Activations rows, ModelVersion version, long multiplyAdds, PrivacyLabel label) =>
        Send(rows, version, 0, (long)(rows.Values.Length * options.BytesPerValue), Math.Max(1, multiplyAdds), label);

    internal Activations Rows(int cut, ulong schema, int count) => new()
    {
        Device = context.Pipeline,
        Epoch = _numbers.Epoch,
        Sequence = 0,
        Split = cut,
        SchemaHash = schema,
        Rows = count,
    };

    /// <summary>Records that the requests of a call are sent when the call ends.</summary>
    internal void Left(DateTimeOffset began, DateTimeOffset ended)
    {
        for (var i = _flights.Count - 1; i >= 0 && _flights[i].SentAt >= began; i--)
        {
            if (_flights[i].SentAt == began) { _flights[i] = _flights[i] with { SentAt = ended }; }
        }
    }

    /// <summary>False if no request matches. <paramref name="work"/>: knows whether the answer may have arrived earlier.</summary>
    internal bool Take(RestAnswer answer, WorkMeter work, out bool hasChanged)
    {
        hasChanged = false;
        if (answer.Epoch != _numbers.Epoch) { return false; }
        var place = 0;
        while (place < _flights.Count && _flights[place].Sequence != answer.Sequence) { place++; }
        if (place == _flights.Count) { return false; }
        var flight = _flights[place];
        for (var i = 0; i <= place; i++) { InFlight -= _flights[i].MultiplyAdds > 0 ? 1 : 0; }
        _flights.RemoveRange(0, place + 1);         // answers arrive in order, so earlier ones are lost
        if (_flights.Count == 0) { _onTheWay = default; }
        if (place > 0) { context.Record("requests-lost", place); }
        if (answer.SecondsPerMultiplyAdd > 0) { EdgePace = answer.SecondsPerMultiplyAdd; }
        _missed = 0;
        if (IsGone)
        {
            // the duration reflects only the absence of the edge or the connection setup
            (IsGone, _nextProbe, _blindProbes) = (false, context.Now, 0);
            _link.Restart(context.Now);
            context.Record("edge-there");
            return true;
        }

        var isBusy = work.MayHaveQueued(flight.SentAt, context.Now);
        _unseen = Math.Clamp(_unseen + (isBusy ? UnseenWeight : -1), 0, MaxUnseen);
        if (isBusy)
        {
            _link.Restart(context.Now);
            if (!IsBlind && flight is { MultiplyAdds: 0, Bytes: >= LinkMeter.SmallBytes }) { _nextRate = _nextProbe = context.Now; }
            return true;
        }

        hasChanged = _link.Add(flight, context.Now, EdgePace);
        if (flight.Bytes >= LinkMeter.SmallBytes)
        {
            var took = (context.Now - flight.SentAt) / ShareOfProbes;
            _nextRate = context.Now + (took > options.ProbeEvery ? took : options.ProbeEvery);
            if (_link.IsDoubtful) { _nextRate = _nextProbe = context.Now; }
        }

        return true;
    }

    internal void Miss()
    {
        _missed = Math.Min(_missed + 1, MissesUntilGone);
        if (_missed < MissesUntilGone || IsGone) { return; }
        IsGone = true;
        context.Record("edge-gone");
    }

    internal bool Probe(ulong schema)
    {
        if (context.Now < _nextProbe) { return false; }
        if (_flights.Exists(static f => f is { MultiplyAdds: 0, IsAlone: true })) { Miss(); }
        var now = context.Now;
        Send(Rows(0, schema, 0), default, 0, 0, 0);
        if (!IsGone && options.Cut is null && now >= _nextRate && !_flights.Exists(static f => f.Bytes >= LinkMeter.SmallBytes))
        {
            // shaped links send the first bytes of a burst at once, so only later bytes show the rate
            var bytes = RateBytes();
            Send(Rows(0, schema, 0), default, bytes, 0, 0);
            Send(Rows(0, schema, 0), default, bytes, bytes, 0);
        }

        _nextProbe = now + (IsGone ? options.ProbeEvery / 4 : IsSearching ? options.ProbeEvery / 10 : options.ProbeEvery);
        if (IsBlind) { _blindProbes = Math.Min(_blindProbes + 1, MaxBlindProbes); }
        return true;
    }

    /// <summary>Returns the size of rate probes, of which two delay a request by at most a quarter of its time.</summary>
    private int RateBytes() => _link.SecondsPerByte is not { } seconds ? options.ProbeBytes
        : (int)Math.Clamp(options.Within.TotalSeconds / 8 / seconds, LinkMeter.SmallBytes, options.ProbeBytes);

    private long Send(
        Activations rows, ModelVersion version, int padding, long bytes, long multiplyAdds, PrivacyLabel label = PrivacyLabel.Public)
    {
        if (_flights.Count == MaxFlights)
        {
            InFlight -= _flights[0].MultiplyAdds > 0 ? 1 : 0;
            _flights.RemoveAt(0);
        }

        var sequence = _numbers.Next();
        _onTheWay += new RestLoad(HeadBytes + Math.Max(bytes, padding), multiplyAdds);
        _flights.Add(new(sequence, context.Now, HeadBytes + bytes, multiplyAdds, _onTheWay));
        InFlight += multiplyAdds > 0 ? 1 : 0;
        requests.Emit(new(rows with { Sequence = sequence }, version) { Padding = padding, Privacy = label });
        return sequence;
    }
}
