using System.Collections.Concurrent;

namespace HeartSound.Edge.Fleet;

/// <summary>What became of every verdict: made, acknowledged by the broker, arrived, arrived again, arrived late. Thread-safe.</summary>
internal sealed class DeliveryLedger
{
    private readonly ConcurrentDictionary<Guid, Account> _accounts = new();

    public void Make(Guid series) => In(_accounts.GetOrAdd(series, _ => new Account()), account => account.Made++);

    /// <summary>The broker has taken it upon itself.</summary>
    public void Acknowledge(Guid series, long sequence) => In(_accounts[series], account => account.Acknowledged.Add(sequence));

    /// <summary>A consumer has it. False when it had come already, or is none of ours.</summary>
    public bool Arrive(Guid series, long sequence)
    {
        if (!_accounts.TryGetValue(series, out var account)) return false;
        lock (account)
        {
            if (!account.Arrived.Add(sequence))
            {
                account.Duplicates++;
                return false;
            }

            if (sequence < account.Highest) account.OutOfOrder++;
            account.Highest = Math.Max(account.Highest, sequence);
            return true;
        }
    }

    public DeliveryCount Count()
    {
        var sum = new DeliveryCount();
        foreach (var account in _accounts.Values)
        {
            lock (account)
            {
                var lost = 0L;
                // Most series are whole: then there is nothing to look for.
                if (account.Arrived.Count < account.Made)
                    for (var i = 1; i <= account.Made; i++) lost += account.Acknowledged.Contains(i) && !account.Arrived.Contains(i) ? 1 : 0;
                sum = new DeliveryCount
                {
                    Made = sum.Made + account.Made,
                    Acknowledged = sum.Acknowledged + account.Acknowledged.Count,
                    Arrived = sum.Arrived + account.Arrived.Count,
                    Lost = sum.Lost + lost,
                    Duplicates = sum.Duplicates + account.Duplicates,
                    OutOfOrder = sum.OutOfOrder + account.OutOfOrder,
                };
            }
        }

        return sum;
    }

    private static void In(Account account, Action<Account> action)
    {
        lock (account) action(account);
    }

    private sealed class Account
    {
        public SequenceSet Acknowledged { get; } = new();
        public SequenceSet Arrived { get; } = new();
        public long Made { get; set; }
        public long Highest { get; set; }
        public long Duplicates { get; set; }
        public long OutOfOrder { get; set; }
    }
}

/// <summary>How many verdicts became what.</summary>
internal readonly record struct DeliveryCount
{
    public long Made { get; init; }

    /// <summary>The broker has said that it has them.</summary>
    public long Acknowledged { get; init; }

    /// <summary>At a consumer, each counted once.</summary>
    public long Arrived { get; init; }

    /// <summary>Acknowledged by the broker, and never arrived.</summary>
    public long Lost { get; init; }

    /// <summary>Arrivals of what had arrived already: QoS 1 allows it.</summary>
    public long Duplicates { get; init; }

    /// <summary>Arrived for the first time after a later one of the same series.</summary>
    public long OutOfOrder { get; init; }
}
