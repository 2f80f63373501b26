using FsCheck;
using FsCheck.Fluent;

namespace StreamLearn.Mqtt.Tests;

/// <summary>Random histories: messages, acknowledgements in any order, and connections that are lost at any moment.</summary>
public sealed class HistoryTests
{
    private const int Window = 4;

    [Fact]
    public void Nothing_is_lost_QoS_2_comes_once_and_the_order_holds() => Check.One(
        Config.QuickThrowOnFailure.WithReplay(17, 19).WithMaxTest(LongForm.IsAsked ? 20_000 : 1000),
        Prop.ForAll(Gen.Choose(0, int.MaxValue).ArrayOf(300).ToArbitrary(), static choices => new History().Run(choices)));

    private sealed class History
    {
        private readonly SessionProbe _publisher = new SessionProbe(new() { ClientId = "p", PublishInFlight = 3 }).Connected();
        private readonly SessionProbe _subscriber = new SessionProbe(new() { ClientId = "s", Capacity = Window }).Connected();
        private readonly ModelServer _server = new(Window);
        private readonly Queue<SentPacket> _fromPublisher = [];
        private readonly Queue<SentPacket> _fromSubscriber = [];
        private readonly List<long> _held = [];
        private readonly List<int> _delivered = [];
        private readonly List<(Task Done, int Qos)> _published = [];
        private bool IsAtRest() => _server.IsDone && _held.Count == 0 && _publisher.Session.Outbox is { InFlight: 0, Waiting: 0 };

        internal void Run(int[] choices)
        {
            foreach (var choice in choices) { Step(choice & 15, choice >> 4); }
            ConnectSubscriber();
            for (var i = 0; i < 20_000 && !IsAtRest(); i++) { Step(1 + (i % 9), 0); }
            Assert.True(_server.IsDone);
            Assert.Equal(0, _subscriber.Session.Inbox.Taken);
            Assert.Equal(0, _subscriber.Session.Inbox.Held);
            Assert.Equal(Enumerable.Range(0, _published.Count), _delivered.Distinct());
            for (var number = 0; number < _published.Count; number++)
            {
                if (_published[number].Qos == 2) { Assert.Single(_delivered, number); }
            }
        }

        private void Step(int kind, int choice)
        {
            switch (kind)
            {
                case 0 or 10:
                    var qos = 1 + (choice & 1);
                    _published.Add((_publisher.Publish(_published.Count.ToString(CultureInfo.InvariantCulture), qos), qos));
                    break;
                case 1 or 2:
                    _publisher.Packets().ForEach(_fromPublisher.Enqueue);
                    if (_fromPublisher.TryDequeue(out var up)) { _server.FromPublisher(up); }
                    break;
                case 3:
                    if (_server.ToPublisher.TryDequeue(out var down)) { Assert.True(_publisher.Feed(down), _publisher.Fault.Text); }
                    break;
                case 4 or 5:
                    _subscriber.Packets().ForEach(_fromSubscriber.Enqueue);
                    if (_fromSubscriber.TryDequeue(out var answer)) { _server.FromSubscriber(answer); }
                    break;
                case 6:
                    if (_server.ToSubscriber.TryDequeue(out var message))
                    {
                        Assert.True(_subscriber.Feed(message), _subscriber.Fault.Text);
                    }

                    break;
                case 7:
                    Take();
                    break;
                case 8 or 9:
                    Acknowledge(choice);
                    break;
                case 11 when choice % 3 == 0:
                    _publisher.Connected(present: true);
                    _fromPublisher.Clear();
                    _server.PublisherIsBack();
                    break;
                case 12 when choice % 3 == 0:
                    ConnectSubscriber();
                    break;
                case 13 when choice % 3 == 0:
                    _subscriber.Lose();
                    Acknowledge(0);
                    ConnectSubscriber();
                    break;
                default:
                    break;
            }
        }

        private void Take()
        {
            if (!_subscriber.Session.Inbox.TryTake(out var taken)) { return; }
            _delivered.Add(int.Parse(Encoding.UTF8.GetString(taken.Payload.AsSpan(0, taken.Length)), CultureInfo.InvariantCulture));
            _held.Add(taken.Id);
        }

        private void Acknowledge(int choice)
        {
            if (_held.Count == 0) { return; }
            var which = choice % _held.Count;
            _subscriber.Acknowledge(_held[which]);
            _held.RemoveAt(which);
        }

        private void ConnectSubscriber()
        {
            _subscriber.Connected(present: true);
            _fromSubscriber.Clear();
            _server.SubscriberIsBack();
        }
    }
}
