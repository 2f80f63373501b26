using System.Collections.Immutable;
using System.Globalization;
using System.Net;
using StreamLearn.Learning;
using StreamLearn.Models;
using StreamLearn.Mqtt;
using StreamLearn.Nodes;

namespace Aggregator;

internal sealed record StatusDisplayOptions(IPEndPoint? Page, StatusFolder? State);

/// <summary>Shows a running aggregator on console, page and status files.</summary>
internal sealed class StatusDisplay : IAsyncDisposable
{
    private static readonly TimeSpan Pulse = TimeSpan.FromMilliseconds(500);

    private readonly FleetFacts _facts;
    private readonly FleetRecord _record;
    private readonly VersionJudge? _judge;
    private readonly UpdateLog? _log;
    private readonly StatusFolder? _state;
    private readonly StatusFeed _feed;
    private readonly Action<string> _complain;
    private readonly FleetNotices _notices;
    private readonly HashSet<string> _twins = new(StringComparer.Ordinal);
    private readonly CancellationTokenSource _ending = new();
    private DashboardServer? _page;
    private Func<FleetCounters> _counters = static () => new();
    private Func<Exception?> _failure = static () => null;
    private LinkWatch? _link;
    private BrokerWatch? _broker;
    private Task _loop = Task.CompletedTask;
    private LeadStatus? _lead;
    private bool _complained;

    private StatusDisplay(FleetFacts facts, IModel model, RecordedRows? unseen, StatusDisplayOptions options, Action<string> complain)
    {
        (_facts, _complain, _notices) = (facts, complain, new(complain));
        _record = new(facts);
        _judge = unseen is null ? null : new(model, unseen, _record.Add);
        _state = options.State;
        _log = _state is null ? null : new(_state, complain);
        _feed = new(_record.At(new(), Now));
    }

    internal Uri? Page => _page?.Address;

    private static DateTimeOffset Now => TimeProvider.System.GetUtcNow();

    /// <summary>Opens page and files before the pipelines start.</summary>
    internal static async Task<StatusDisplay> OpenAsync(
        FleetFacts facts, IModel model, RecordedRows? unseen, StatusDisplayOptions options, Action<string> complain)
    {
        var showing = new StatusDisplay(facts, model, unseen, options, complain);
        if (options.Page is { } address)
        {
            showing._page = await DashboardServer.StartAsync(address, ending => new DashboardPages(showing._feed, ending).AnswerAsync)
                .ConfigureAwait(false);
        }

        return showing;
    }

    /// <summary>Called on the block's thread.</summary>
    internal void Add(Round round)
    {
        var refused = _record.Add(round);
        _judge?.Offer(round.Averaged);
        SayTwoPrograms(refused);
        _log?.Add(round.Ended, round.Contributions, refused);
    }

    internal void Add(Receipt receipt)
    {
        var now = Now;
        var refused = _record.Add(receipt, now);
        SayTwoPrograms(refused);
        _log?.Add(now, [], refused);
    }

    internal void Add(Presence presence) => _record.Add(presence, Now);

    internal void Add(DeviceScore score) => _record.Add(score, Now);

    internal void Add(DeviceNews news) => _record.Add(news, Now);

    internal void Add(PlannedSplits plan) => _record.Add(plan);

    internal void AddSplit(string device, int layers) => _record.AddSplit(device, layers, Now);

    internal void AddMismatch(string device, string text) => _complain($"'{ShownText.Of(device)}' {text}");

    /// <summary>Warns once per device that two programs use its name.</summary>
    private void SayTwoPrograms(ImmutableArray<RefusedUpdate> refused)
    {
        foreach (var update in refused)
        {
            if (update.Refusal != UpdateRefusal.TwoPrograms || _twins.Count == FleetRecord.MaxDevices) { continue; }
            if (!_twins.Add(update.Device)) { continue; }
            AddMismatch(update.Device, "is refused: two programs use this name with copies of one state, for example from a copied "
                + "card. Stop one of them, and give it its own name and state");
        }
    }

    /// <summary>Reports a model mismatch once.</summary>
    internal void AddDifference(ModelSignature other, string? text)
    {
        if (text is null) { return; }
        var shown = ShownText.Sentence(text);
        if (_record.AddDifference(other.Device, shown, other.Epoch, Now)) { AddMismatch(other.Device, $"is refused: {shown}"); }
    }

    internal void Forget(string device)
    {
        var name = ShownText.Of(device);
        _complain(_record.Forget(device, Now) ? $"device '{name}' is forgotten: its next message is treated as that of a new device"
            : $"cannot forget '{name}': no such device has sent anything");
    }

    internal void AddLeave(string device, long epoch) => _record.AddLeave(device, epoch, Now);

    /// <summary>State saved with the run, for display after a restart.</summary>
    internal IStateful Saved => _record;

    internal void Follow(PipelineRun run, EdgeLink link, Uri server, long updateBytes)
    {
        _counters = () => FleetCounters.Of(run.Metrics, [.. link.Transports]);
        _record.Begin(_counters(), Now);
        _notices.Begin(_counters());
        _failure = () => run.CheckpointFailure;
        _link = new([.. link.Transports], server, updateBytes, _complain);
        _judge?.Start();
        _log?.Start(Now);
        Begin();
    }

    internal void Add(LeadStatus lead)
    {
        _lead = lead;
        Console.Out.WriteLine($"fleet '{_facts.Fleet}' at {_facts.Server}: {lead.Text(Now)}");
        Begin();
    }

    internal void Watch(MqttBroker broker, int maxConnections) => _broker = new(broker, maxConnections, _complain);

    private void Begin() => _loop = _loop.IsCompleted ? Task.Run(RunAsync) : _loop;

    private FleetStatus Status() => _record.At(_counters(), Now) with { Lead = Volatile.Read(ref _lead) };

    /// <summary>Returns the status line; evaluates the newest version if needed.</summary>
    internal string Line()
    {
        _judge?.JudgeNewest();
        var status = Status();
        _link?.Look();
        _broker?.Look();
        _notices.Say(status);
        _notices.SayUnsaved(_failure());
        if (status.VersionAt is null && status.IsWaiting)
        {
            return string.Create(CultureInfo.InvariantCulture, $"version={status.Version} updates=0");
        }

        var accuracy = status.Score is { } score ? string.Create(CultureInfo.InvariantCulture, $" accuracy={score.Accuracy:0.000}") : "";
        var own = status.Own is { Newest: > 0 } o
            ? string.Create(CultureInfo.InvariantCulture, $" own_accuracy={o.NewestAccuracy:0.000}") : "";
        var budget = status.Budget is { } b ? string.Create(CultureInfo.InvariantCulture, $" tau={b.Steps} budget={b.Share:0%}") : "";
        var refused = string.Concat(status.Counters.Refused.Select(static r => FormattableString.Invariant($" refused.{r.Key}={r.Value}")));
        return string.Create(CultureInfo.InvariantCulture,
            $"version={status.Version} updates={status.Counters.Accepted} devices={status.Devices.Length} alive={status.Counters.Alive} ")
            + Count("left", status.CountOf(DeviceStanding.Left)) + Count("quiet", status.CountOf(DeviceStanding.Quiet))
            + $"strategy={status.Strategy}{budget}{accuracy}{own}{refused}";
    }

    /// <summary>Reports accepted updates that are in no version when the aggregator ends for good.</summary>
    internal void SayLost()
    {
        if (_counters().InRound is not (> 0 and var held)) { return; }
        _complain(string.Create(CultureInfo.InvariantCulture, $"{held} accepted updates are in no version and are lost; ")
            + "with a deadline, the strategy would have made a version of them");
    }

    private static string Count(string what, int count) =>
        count == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $"{what}={count} ");

    public async ValueTask DisposeAsync()
    {
        await _ending.CancelAsync().ConfigureAwait(false);
        await _loop.ConfigureAwait(false);
        if (_judge is not null) { await _judge.DisposeAsync().ConfigureAwait(false); }
        if (_log is not null) { await _log.DisposeAsync().ConfigureAwait(false); }
        var last = Status() with { Running = false };
        Write(last);
        _feed.Show(last);
        if (_page is not null) { await _page.DisposeAsync().ConfigureAwait(false); }
        _ending.Dispose();
    }

    private async Task RunAsync()
    {
        using var timer = new PeriodicTimer(Pulse, TimeProvider.System);
        try
        {
            for (var beat = 0; ; beat++)
            {
                var status = Status();
                _feed.Show(status);
                if (beat % 2 == 0) { Write(status); }
                await timer.WaitForNextTickAsync(_ending.Token).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException)
        {
        }
    }

    private void Write(FleetStatus status)
    {
        try
        {
            _state?.Write(status);
            if (_complained) { _complain("the status file is written again"); }
            _complained = false;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            if (!_complained) { _complain($"the status file cannot be written: {e.Message}"); }
            _complained = true;
        }
    }
}
