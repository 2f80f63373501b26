using System.Buffers;

namespace StreamLearn.Nats;

internal sealed partial class JetReader
{
    private void Take(in NatsFrame message, long connects)
    {
        lock (Link.Gate)
        {
            Link.Came(message);
            if (message.Subject.StartsWith(_inboxes, StringComparison.Ordinal) && message.ReplyTo.Length == 0)
            {
                _answeredAt = Link.Now;
                if (_pulls.AreAnsweredAt(message.Subject)) { TakeStatus(new(message.Headers.ToArray())); }
                return;
            }

            if (!NatsDelivery.TryParse(message.ReplyTo, out var delivery))
            {
                Link.Counters.Malformed++;
                return;
            }

            // from a pull on an earlier connection: there is no space for it
            if (connects != Link.Counters.Connects)
            {
                if (Reading.Acknowledges) { Link.Say(message.ReplyTo, JetAnswers.Nak); }
                return;
            }

            _answeredAt = Link.Now;
            _pulls.Less(1);
            if (_isEnding)
            {
                if (Reading.Acknowledges) { _arrivals.Take(message, delivery); }      // returned with all waiting messages
            }
            else if (_arrivals.Take(message, delivery))
            {
                _pulls.Pull();
                ToDeliver.RaiseWithoutSpin();
            }
            else if (_pulls.IsReady) { SetUpAgain(); }
        }
    }

    private void SetUpAgain()
    {
        _pulls.End();
        _toSet.Raise();
    }

    private void Tick()
    {
        lock (Link.Gate)
        {
            if (!Link.IsOpen || _isEnding) { return; }
            var now = Link.Now;
            if (_pulls.IsReady && _pulls.Outstanding > 0 && now - _answeredAt > 2 * (long)Reading.Heartbeat.TotalMilliseconds)
            {
                _silences++;
                Link.Counters.LastFault = $"the consumer of stream '{Reading.Stream}' was silent";
                SetUpAgain();
            }

            Hear();
            _answers.Tick(now);
            _pulls.Pull();
            if (Reading.Acknowledges) { _answers.SayInProgress(now); }
        }
    }

    /// <summary>Returns queued messages once the server has confirmed the end, or did not confirm it in time.</summary>
    private void GiveBack()
    {
        lock (Link.Gate)
        {
            _isSetUpNoMore = true;
            if (!_isEnding) { return; }
            GiveBackWhatWaits();
            NatsLink.Drop(_tap);
            _tap = null;
        }

        Link.Remove(this);
    }

    /// <summary>Returns queued and refused messages. Call it while holding the lock.</summary>
    private void GiveBackWhatWaits()
    {
        Hear();
        foreach (var id in _refused)
        {
            if (Inbox.TryFind(id, out var at) && Inbox[at].IsOpen) { _answers.Refuse(at); }
        }

        _refused.Clear();
        while (Inbox.TryTake(out var at))
        {
            _answers.Refuse(at);
            Inbox.Release(at);
        }

        _left.TrySetResult();
    }
}
