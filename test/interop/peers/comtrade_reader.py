"""Reads a COMTRADE record with the PyPI package comtrade and says it as JSON: comtrade_reader.py RECORD.cfg RECORD.dat."""
import json
import math
import sys

from comtrade import Comtrade

record = Comtrade()
record.load(sys.argv[1], sys.argv[2])


def plain(values):
    return [None if math.isnan(value) else value for value in values]


print(
    json.dumps(
        {
            "station": record.station_name,
            "device": record.rec_dev_id,
            "revision": record.rev_year,
            "format": record.ft,
            "frequency": record.frequency,
            "samples": record.total_samples,
            "rates": record.cfg.sample_rates,
            "start": record.start_timestamp.isoformat(timespec="microseconds"),
            "trigger": record.trigger_timestamp.isoformat(timespec="microseconds"),
            "time": plain(record.time),
            "analogs": [
                {"name": channel.name, "phase": channel.ph, "unit": channel.uu, "values": plain(values)}
                for channel, values in zip(record.cfg.analog_channels, record.analog)
            ],
            "statuses": [
                {"name": channel.name, "values": list(values)}
                for channel, values in zip(record.cfg.status_channels, record.status)
            ],
        }
    )
)
